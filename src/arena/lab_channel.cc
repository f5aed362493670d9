// SOCK_SEQPACKET with SCM_RIGHTS.
#include "arena/lab_channel.h"

#include <sys/socket.h>

#include <array>
#include <cstring>

namespace squall {
namespace {

constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(int) * kMaxLabMessageFds);

struct alignas(cmsghdr) ControlBuffer {
  std::array<char, kControlSize> bytes{};
};

std::vector<Fd> take_fds(msghdr& header) {
  std::vector<Fd> fds;
  for (cmsghdr* row = CMSG_FIRSTHDR(&header); row != nullptr; row = CMSG_NXTHDR(&header, row)) {
    if (row->cmsg_level != SOL_SOCKET || row->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (row->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(row) + i * sizeof(int), sizeof(int));
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

Result<std::pair<Fd, Fd>> make_channel() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_error("make a socket pair");
  }
  return std::pair(Fd(ends[0]), Fd(ends[1]));
}

Result<> send_message(const Fd& channel, std::string_view text, const std::vector<int>& fds) {
  CHECK(fds.size() <= kMaxLabMessageFds);
  // An empty packet would read as the end.
  std::string body(text.empty() ? std::string_view(" ") : text.substr(0, kMaxLabMessage));
  iovec part{.iov_base = body.data(), .iov_len = body.size()};
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  ControlBuffer control;
  if (!fds.empty()) {
    header.msg_control = control.bytes.data();
    header.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
    cmsghdr* row = CMSG_FIRSTHDR(&header);
    row->cmsg_level = SOL_SOCKET;
    row->cmsg_type = SCM_RIGHTS;
    row->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    std::memcpy(CMSG_DATA(row), fds.data(), sizeof(int) * fds.size());
  }
  for (;;) {
    if (::sendmsg(channel.get(), &header, MSG_NOSIGNAL) >= 0) return {};
    if (errno != EINTR) return errno_error("send a message of the lab");
  }
}

Result<std::optional<LabMessage>> receive_message(const Fd& channel) {
  std::string body(kMaxLabMessage, '\0');
  iovec part{.iov_base = body.data(), .iov_len = body.size()};
  ControlBuffer control;
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes.data();
  header.msg_controllen = control.bytes.size();
  ssize_t count = -1;
  do {
    count = ::recvmsg(channel.get(), &header, MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == ECONNRESET) return std::optional<LabMessage>();
  if (count < 0) return errno_error("receive a message of the lab");
  if (count == 0) return std::optional<LabMessage>();
  body.resize(static_cast<std::size_t>(count));
  return std::optional(LabMessage{.text = std::move(body), .fds = take_fds(header)});
}

}  // namespace squall
