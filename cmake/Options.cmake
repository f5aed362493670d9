# squall_options: the flags that every file of ours is compiled with.
add_library(squall_options INTERFACE)
target_compile_options(squall_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual)
target_include_directories(squall_options INTERFACE
  ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/generated)
target_compile_definitions(squall_options INTERFACE
  BOOST_ALL_NO_LIB BOOST_PROCESS_USE_STD_FS BOOST_ASIO_NO_DEPRECATED)
target_link_options(squall_options INTERFACE -Wl,--as-needed)

if(SQUALL_WERROR)
  target_compile_options(squall_options INTERFACE -Werror)
endif()
if(SQUALL_SANITIZE)
  add_compile_options(-fsanitize=${SQUALL_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SQUALL_SANITIZE})
endif()

find_program(SQUALL_CCACHE ccache)
if(SQUALL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SQUALL_CCACHE})
endif()
