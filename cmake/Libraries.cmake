# The libraries of others, as targets, and squall_proto from proto/.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

function(squall_find_package target module)
  pkg_check_modules(${target} REQUIRED IMPORTED_TARGET GLOBAL ${module})
  add_library(squall::${target} ALIAS PkgConfig::${target})
endfunction()

squall_find_package(crypto libcrypto)
squall_find_package(ssl libssl)
squall_find_package(yaml yaml-cpp)
squall_find_package(fmt fmt)
squall_find_package(sqlite sqlite3)
squall_find_package(simdjson simdjson)
squall_find_package(zlib zlib)
squall_find_package(zstd libzstd)
squall_find_package(hiredis hiredis)
squall_find_package(netlink libnl-3.0)
squall_find_package(netlink_route libnl-route-3.0)
squall_find_package(nftables libnftables)
squall_find_package(cap libcap)
squall_find_package(grpc grpc++)
squall_find_package(protobuf protobuf)

# Header-only ones need no target; say early that they are missing.
foreach(header boost/asio.hpp CLI/CLI.hpp nlohmann/json.hpp)
  string(MAKE_C_IDENTIFIER "HAVE_${header}" have)
  find_path(${have} ${header})
  if(NOT ${have})
    message(FATAL_ERROR "<${header}> is missing; ./dev build installs it")
  endif()
endforeach()

# squall_proto: the messages and services of proto/, included as "squall/v1/agent.grpc.pb.h".
file(GLOB_RECURSE squall_protos CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/proto/*.proto)
if(squall_protos)
  find_program(SQUALL_PROTOC protoc REQUIRED)
  find_program(SQUALL_GRPC_PLUGIN grpc_cpp_plugin REQUIRED)
  set(generated ${PROJECT_BINARY_DIR}/generated/proto)
  file(MAKE_DIRECTORY ${generated})
  set(sources)
  foreach(proto ${squall_protos})
    file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR}/proto ${proto})
    string(REGEX REPLACE "\\.proto$" "" stem ${name})
    set(outputs ${generated}/${stem}.pb.cc ${generated}/${stem}.grpc.pb.cc)
    add_custom_command(
      OUTPUT ${outputs} ${generated}/${stem}.pb.h ${generated}/${stem}.grpc.pb.h
      COMMAND ${SQUALL_PROTOC} -I ${PROJECT_SOURCE_DIR}/proto --cpp_out=${generated}
              --grpc_out=${generated} --plugin=protoc-gen-grpc=${SQUALL_GRPC_PLUGIN} ${proto}
      DEPENDS ${proto} VERBATIM)
    list(APPEND sources ${outputs})
  endforeach()
  add_library(squall_proto STATIC ${sources})
  target_compile_options(squall_proto PRIVATE -w)
  target_include_directories(squall_proto SYSTEM PUBLIC ${generated})
  target_link_libraries(squall_proto PUBLIC squall::grpc squall::protobuf Threads::Threads)
endif()
