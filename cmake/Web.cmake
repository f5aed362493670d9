# web/ → generated/report/web_assets.cc, part of the library squall_report.  The scripts are joined in
# this order: each uses only what stands before it.
set(web_scripts format.js dom.js svg.js axis.js verdict.js chart.js lanes.js timeline.js faults.js
  witness.js logs.js page.js)
set(web_folder ${PROJECT_SOURCE_DIR}/web)
set(web_source ${PROJECT_BINARY_DIR}/generated/report/web_assets.cc)
list(TRANSFORM web_scripts PREPEND ${web_folder}/ OUTPUT_VARIABLE web_files)
list(JOIN web_scripts "," web_joined)
add_custom_command(OUTPUT ${web_source}
  COMMAND ${CMAKE_COMMAND} -DWEB=${web_folder} -DSCRIPTS=${web_joined} -DOUT=${web_source}
    -P ${PROJECT_SOURCE_DIR}/cmake/EmbedWeb.cmake
  DEPENDS ${web_files} ${web_folder}/report.html ${web_folder}/report.css
    ${PROJECT_SOURCE_DIR}/cmake/EmbedWeb.cmake
  VERBATIM)
target_sources(squall_report PRIVATE ${web_source})
