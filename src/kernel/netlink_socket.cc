// libnl's texts and codes as ours.
#include "kernel/netlink_socket.h"

#include <netlink/errno.h>

#include <array>
#include <utility>

#include "kernel/pseudo_file.h"

namespace squall {
Result<> Netlink::Socket::answer(int code, const std::string& attempt) {
  const int error = std::exchange(refusal, 0);
  if (code >= 0) return {};
  if (error == 0) return nl_result(code, attempt);
  Error result = kernel_error(attempt, error);
  if (error == EADDRNOTAVAIL)
    result.code = Errc::kNotFound;  // that is how an absent address is told
  return result;
}

Result<> nl_result(int code, const std::string& attempt) {
  if (code >= 0) return {};
  return Error{Errc::kIo, attempt + ": " + nl_geterror(code)};
}

Result<> absence_is_success(Result<> removed) {
  if (!removed.ok() && removed.error().code == Errc::kNotFound) return {};
  return removed;
}

Result<NlAddress> parse_address(const std::string& text, int family) {
  nl_addr* parsed = nullptr;
  const int code = nl_addr_parse(text.c_str(), family, &parsed);
  if (code < 0) return Error{Errc::kInvalid, "'" + text + "' is not an address"};
  return NlAddress(parsed);
}

std::string to_text(nl_addr* address) {
  if (address == nullptr || nl_addr_get_len(address) == 0) return "";
  std::array<char, 128> buffer{};
  return nl_addr2str(address, buffer.data(), buffer.size());
}

std::string to_prefix_text(nl_addr* address) {
  std::string text = to_text(address);
  if (!text.empty() && text.find('/') == std::string::npos) {
    text += "/" + std::to_string(nl_addr_get_prefixlen(address));
  }
  return text;
}

}  // namespace squall
