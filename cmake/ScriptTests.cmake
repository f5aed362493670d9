# Tests that are scripts: tests/e2e/*.py and *.sh and tests/cli/*_test.py against the built program,
# and tests/tidy.  Names that begin with an underscore are modules of the others.  E2e tests bring
# up whole clusters, so they run one at a time; but for those in the sealed arena, where it does not
# matter how much processor time they get.
set(sealed_tests hunt_sealed replay sealed)
# The system's Python sees the modules of packages.txt; another one may stand first in the PATH.
find_program(Python3_EXECUTABLE python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_package(Python3 COMPONENTS Interpreter REQUIRED)

file(GLOB scripts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/e2e/*.py
  ${PROJECT_SOURCE_DIR}/tests/e2e/*.sh)
list(FILTER scripts EXCLUDE REGEX "/_[^/]*$")
foreach(script ${scripts})
  cmake_path(GET script STEM name)
  set(command ${Python3_EXECUTABLE} ${script})
  if(script MATCHES "\\.sh$")
    set(command bash ${script})
  endif()
  add_test(NAME e2e.${name} COMMAND ${command})
  set(is_serial ON)
  if(name IN_LIST sealed_tests)
    set(is_serial OFF)
  endif()
  set_tests_properties(e2e.${name} PROPERTIES LABELS e2e TIMEOUT 1800 RUN_SERIAL ${is_serial}
    SKIP_RETURN_CODE 77 ENVIRONMENT
    "SQUALL_SOURCE_DIR=${PROJECT_SOURCE_DIR};SQUALL=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/squall")
endforeach()

# The commands' own behaviour, quick and without a cluster.
file(GLOB cli_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/cli/*_test.py)
set(cli_environment "SQUALL_SOURCE_DIR=${PROJECT_SOURCE_DIR}" "PYTHONDONTWRITEBYTECODE=1"
  "SQUALL=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/squall")
foreach(script ${cli_tests})
  cmake_path(GET script STEM name)
  add_test(NAME cli.${name} COMMAND ${Python3_EXECUTABLE} ${script})
  set_tests_properties(cli.${name} PROPERTIES LABELS unit TIMEOUT 120
    ENVIRONMENT "${cli_environment}")
endforeach()

file(GLOB tidy_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/tidy/*_test.py)
foreach(script ${tidy_tests})
  cmake_path(GET script STEM name)
  add_test(NAME tidy.${name} COMMAND ${Python3_EXECUTABLE} ${script})
  set_tests_properties(tidy.${name} PROPERTIES LABELS unit TIMEOUT 60
    ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endforeach()
