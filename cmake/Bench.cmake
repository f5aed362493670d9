# bench/NAME.cc become the programs bench_NAME; only the target `bench` builds them.
add_custom_target(bench)
file(GLOB benches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.cc)
if(benches)
  find_package(benchmark CONFIG REQUIRED)
endif()
foreach(source ${benches})
  cmake_path(GET source STEM name)
  add_executable(bench_${name} EXCLUDE_FROM_ALL ${source})
  target_link_libraries(bench_${name} PRIVATE ${SQUALL_LIBRARIES} squall_options
    benchmark::benchmark_main benchmark::benchmark)
  target_include_directories(bench_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  add_dependencies(bench bench_${name})
endforeach()
