// libnftables, one context per object.
#include "kernel/nftables.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "kernel/namespaces.h"

namespace squall {
namespace {

int option(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

// libnftables opens its socket without close-on-exec.  A program that we start would inherit it,
// and with it our owner tables: they would outlive us for as long as that program runs.
Result<> close_nft_sockets_on_exec() {
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().native();
    int fd = -1;
    if (std::from_chars(name.data(), name.data() + name.size(), fd).ec != std::errc()) continue;
    if (option(fd, SO_DOMAIN) != AF_NETLINK || option(fd, SO_PROTOCOL) != NETLINK_NETFILTER) {
      continue;
    }
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return errno_error("close the nft socket on exec");
  }
  if (error) return errno_error("list /proc/self/fd", error.value());
  return {};
}

// libnftables ends the process when it cannot open its socket; so we look first.
Result<> try_socket() {
  const Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (fd.is_open()) return {};
  Error error = errno_error("open a netfilter netlink socket");
  error.code = Errc::kUnsupported;
  error.what += "; load the nf_tables module or use a kernel that has it";
  return error;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

// "/proc/self/fd/5:2:7-9: Error: …" as "line 2:7-9: Error: …", on one line or, with the quoted line
// and its marks, three.
std::string readable(std::string_view complaint, const std::string& own_name) {
  std::string text(trimmed(complaint));
  for (std::size_t at = 0; !own_name.empty();) {
    at = text.find(own_name + ":", at);
    if (at == std::string::npos) break;
    text.replace(at, own_name.size() + 1, "line ");
  }
  return text;
}

Errc errc_of(std::string_view text) {
  const auto says = [text](const char* words) {
    return text.find(words) != std::string_view::npos;
  };
  if (says("No such file or directory")) return Errc::kNotFound;
  if (says("Operation not supported")) return Errc::kUnsupported;
  if (says("syntax error") || says("Error: Could not resolve")) return Errc::kInvalid;
  return Errc::kIo;
}

}  // namespace

struct Nft::Context {
  std::unique_ptr<nft_ctx, void (*)(nft_ctx*)> handle{nullptr, ::nft_ctx_free};

  // Reading a buffer empties it, so both are read after each run.
  Result<std::string> conclude(int code, const std::string& own_name) const {
    const std::string output = ::nft_ctx_get_output_buffer(handle.get());
    const std::string complaint = ::nft_ctx_get_error_buffer(handle.get());
    if (code == 0) return output;
    return Error{errc_of(complaint), "nftables: " + readable(complaint, own_name)};
  }

  Result<std::string> run_with(unsigned flags, const std::string& command) const {
    ::nft_ctx_output_set_flags(handle.get(), flags);
    const int code = ::nft_run_cmd_from_buffer(handle.get(), command.c_str());
    Result<std::string> result = conclude(code, "");
    ::nft_ctx_output_set_flags(handle.get(), 0);
    return result;
  }
};

Nft::Nft(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Nft::Nft(Nft&&) noexcept = default;
Nft& Nft::operator=(Nft&&) noexcept = default;
Nft::~Nft() = default;

Result<Nft> Nft::open() {
  TRY(try_socket());
  auto context = std::make_unique<Context>();
  context->handle.reset(::nft_ctx_new(NFT_CTX_DEFAULT));
  if (!context->handle) return Error{Errc::kIo, "open nftables: out of memory"};
  TRY(close_nft_sockets_on_exec().in("open nftables"));
  if (::nft_ctx_buffer_output(context->handle.get()) != 0 ||
      ::nft_ctx_buffer_error(context->handle.get()) != 0) {
    return Error{Errc::kIo, "open nftables: out of memory"};
  }
  return Nft(std::move(context));
}

Result<Nft> Nft::open(const Fd& netns) {
  const NetnsScope scope = TRY(NetnsScope::enter(netns));
  return open();
}

// Through a file in memory: of a buffer, libnftables always quotes the first line.
Result<> Nft::run(const std::string& commands) {
  const Fd file(::memfd_create("nft", MFD_CLOEXEC));
  if (!file.is_open()) return errno_error("hand commands to nftables");
  if (::write(file.get(), commands.data(), commands.size()) !=
      static_cast<ssize_t>(commands.size())) {
    return errno_error("hand commands to nftables");
  }
  const std::string name = "/proc/self/fd/" + std::to_string(file.get());
  const int code = ::nft_run_cmd_from_filename(context_->handle.get(), name.c_str());
  TRY(context_->conclude(code, name));
  return {};
}

Result<std::string> Nft::list(const std::string& command) {
  return context_->run_with(NFT_CTX_OUTPUT_NUMERIC_ALL, command);
}

Result<std::string> Nft::json(const std::string& command) {
  for (const char* whole : {"list table ", "list tables", "list ruleset"}) {
    CHECK(command.find(whole) == std::string::npos);
  }
  return context_->run_with(NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_NUMERIC_ALL, command);
}

}  // namespace squall
