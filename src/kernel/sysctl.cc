// Settings under /proc/sys.
#include "kernel/sysctl.h"

#include "kernel/pseudo_file.h"

namespace squall {
namespace {

Result<std::string> path_of(const std::string& name) {
  if (name.empty() || name.front() == '/' || name.find("..") != std::string::npos) {
    return Error{Errc::kInvalid, "'" + name + "' is not a path below /proc/sys"};
  }
  return "/proc/sys/" + name;
}

}  // namespace

Result<std::string> read_sysctl(const std::string& name) {
  const std::string path = TRY(path_of(name));
  const std::string text = TRY(read_pseudo_file(path));
  return std::string(without_newline(text));
}

Result<> write_sysctl(const std::string& name, const std::string& value) {
  const std::string path = TRY(path_of(name));
  return write_pseudo_file(path, value);
}

Result<> enable_forwarding() {
  TRY(write_sysctl("net/ipv4/ip_forward", "1"));
  return write_sysctl("net/ipv6/conf/all/forwarding", "1");
}

Result<> disable_dad() {
  for (const char* scope : {"all", "default"}) {
    const std::string folder = std::string("net/ipv6/conf/") + scope;
    TRY(write_sysctl(folder + "/accept_dad", "0"));
    TRY(write_sysctl(folder + "/dad_transmits", "0"));
    TRY(write_sysctl(folder + "/router_solicitations", "0"));
  }
  return {};
}

}  // namespace squall
