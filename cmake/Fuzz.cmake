# tests/fuzz/NAME_fuzz.cc define LLVMFuzzerTestOneInput.  With SQUALL_FUZZ they become libFuzzer
# programs; otherwise a small main replays the corpus tests/fuzz/corpus/NAME/ through the same entry.
file(GLOB fuzzers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cc)
foreach(source ${fuzzers})
  cmake_path(GET source STEM program)
  string(REGEX REPLACE "_fuzz$" "" name ${program})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  add_executable(${program} ${source})
  # What reads other people's bytes stands low: clang compiles nothing above it.
  target_link_libraries(${program} PRIVATE squall_scenarios squall_history squall_options)
  if(SQUALL_FUZZ)
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    set(scratch ${CMAKE_CURRENT_BINARY_DIR}/corpus/${name})
    file(MAKE_DIRECTORY ${scratch})
    # The same seed each time: a search that finds something new is for those who look for it.
    add_test(NAME fuzz.${name} COMMAND ${program} -seed=1 -max_total_time=20 ${scratch} ${corpus})
  else()
    target_sources(${program} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    add_test(NAME fuzz.${name} COMMAND ${program} ${corpus})
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
endforeach()
