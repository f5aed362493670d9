# base/version.h: the version of the project and of the commit, for `squall --version` and run files.
execute_process(
  COMMAND git -C ${PROJECT_SOURCE_DIR} describe --always --tags --abbrev=12
  OUTPUT_VARIABLE SQUALL_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT SQUALL_COMMIT)
  set(SQUALL_COMMIT "unknown")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.h.in ${PROJECT_BINARY_DIR}/generated/base/version.h
  @ONLY)
