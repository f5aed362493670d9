# Kernel tests on another kernel, in a virtual machine: tests/guest/.  The machine boots once
# (guest.boot) and runs everything; each line of plan.txt is a result of its own.
add_executable(guest_init ${PROJECT_SOURCE_DIR}/tests/guest/init.cc)
target_link_libraries(guest_init PRIVATE squall_options)
target_link_options(guest_init PRIVATE -static)
add_dependencies(guest_init test_agent_kernel test_kernel_kernel)

set(guest ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/guest/guest.py)
add_test(NAME guest.boot COMMAND ${guest} boot ${PROJECT_BINARY_DIR})
set_tests_properties(guest.boot PROPERTIES FIXTURES_SETUP guest)
set(guest_tests guest.boot)

set(plan ${PROJECT_SOURCE_DIR}/tests/guest/plan.txt)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${plan})
file(STRINGS ${plan} steps REGEX "^[^#]")
foreach(step ${steps})
  string(REGEX REPLACE " .*" "" name "${step}")
  add_test(NAME guest.${name} COMMAND ${guest} result ${PROJECT_BINARY_DIR} ${name})
  set_tests_properties(guest.${name} PROPERTIES FIXTURES_REQUIRED guest)
  list(APPEND guest_tests guest.${name})
endforeach()
set_tests_properties(${guest_tests} PROPERTIES LABELS guest TIMEOUT 1000 SKIP_RETURN_CODE 77
  ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
