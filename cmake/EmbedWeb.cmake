# Run as a script: writes OUT, a C++ file that holds web/report.html, the style, and the scripts as
# one.  Raw strings keep the bytes as they are, so no tool but CMake is needed.
#   cmake -DWEB=web -DSCRIPTS=a.js,b.js -DOUT=web_assets.cc -P EmbedWeb.cmake
cmake_minimum_required(VERSION 3.25)

# A raw string may be 64 KiB long where compilers keep to the standard's minimum.
function(append_function name text)
  string(LENGTH "${text}" length)
  if(length GREATER 65000)
    message(FATAL_ERROR "${name}: ${length} bytes do not fit into one string literal")
  endif()
  if(text MATCHES "\\)squall_web\"")
    message(FATAL_ERROR "${name}: holds the end of the raw string")
  endif()
  set(code "${code}std::string_view ${name}() {\n  return R\"squall_web(${text})squall_web\";\n}\n"
    PARENT_SCOPE)
endfunction()

set(code "// Made by cmake/EmbedWeb.cmake from web/.\n#include \"report/web_assets.h\"\n\n")
string(APPEND code "namespace squall {\n")
file(READ ${WEB}/report.html html)
append_function(web_html "${html}")
file(READ ${WEB}/report.css css)
append_function(web_css "${css}")

# One scope for all scripts: nothing of theirs is global.
set(js "(() => {\n'use strict';\n")
string(REPLACE "," ";" names "${SCRIPTS}")
foreach(name ${names})
  file(READ ${WEB}/${name} script)
  string(APPEND js "${script}")
endforeach()
string(APPEND js "})();\n")
append_function(web_js "${js}")
string(APPEND code "}  // namespace squall\n")
file(WRITE ${OUT} "${code}")
