// Much TCP through the delay line: nothing is lost, nothing is damaged.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "kernel/sockets.h"
#include "tests/arena/lab_run.h"

namespace squall {
namespace {

constexpr std::size_t kBytes = std::size_t{32} << 20U;

std::uint8_t byte_at(std::size_t position) {
  return static_cast<std::uint8_t>(position * 31 + (position >> 12U));
}

Fd blocking_socket(Arena& arena, const char* node, IpFamily family) {
  const Fd netns(::fcntl(arena.node_netns(NodeName(node)), F_DUPFD_CLOEXEC, 3));
  Fd socket = open_socket(netns, family, SocketKind::kTcp).value();
  (void)::fcntl(socket.get(), F_SETFL, 0);
  return socket;
}

void send_pattern(int socket) {
  std::vector<std::uint8_t> block(std::size_t{64} << 10U);
  for (std::size_t sent = 0; sent < kBytes;) {
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = byte_at(sent + i);
    const ssize_t count =
        ::send(socket, block.data(), std::min(block.size(), kBytes - sent), MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

std::string receive_pattern(int socket) {
  std::vector<std::uint8_t> block(std::size_t{64} << 10U);
  std::size_t got = 0;
  for (;;) {
    const ssize_t count = ::recv(socket, block.data(), block.size(), 0);
    if (count < 0) return "broken after " + std::to_string(got);
    if (count == 0) return got == kBytes ? "all" : "only " + std::to_string(got);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i, ++got) {
      if (block[i] != byte_at(got)) return "damaged at " + std::to_string(got);
    }
  }
}

std::string transfer(Arena& arena, IpFamily family) {
  const NodeAddresses& there = arena.addresses().at("e2");
  const Fd listener = blocking_socket(arena, "e2", family);
  const std::string ip = family == IpFamily::kV6 ? there.ipv6 : there.ipv4;
  if (!bind_socket(listener, {.ip = ip, .port = 0}).ok()) return "cannot bind";
  if (::listen(listener.get(), 1) != 0) return "cannot listen";
  sockaddr_storage address = {};
  socklen_t length = sizeof address;
  (void)::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length);
  const Fd client = blocking_socket(arena, "e1", family);
  if (::connect(client.get(), reinterpret_cast<sockaddr*>(&address), length) != 0) {
    return "cannot connect";
  }
  const Fd server(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  std::thread sender([&] {
    send_pattern(client.get());
    (void)::shutdown(client.get(), SHUT_WR);
  });
  const std::string verdict = receive_pattern(server.get());
  (void)::shutdown(server.get(), SHUT_RDWR);
  sender.join();
  return verdict;
}

TEST(LabTraffic, TcpCrossesTheDelayLineUndamagedInBothFamilies) {
  if (const std::string why = why_no_lab(); !why.empty()) GTEST_SKIP() << why;
  if (::access("/dev/net/tun", R_OK | W_OK) != 0) GTEST_SKIP() << "/dev/net/tun cannot be opened";
  const LabStory story =
      run_lab(topology("eu e1 | us e2", "eu us 2ms"), bare_options(), [](Arena& arena) {
        std::string text;
        for (const IpFamily family : kBothFamilies) {
          const MonoTime begin = system_clock().mono();
          text += transfer(arena, family) + "\n";
          const Duration took = system_clock().mono() - begin;
          const auto rate = static_cast<double>(kBytes) * 1e3 / static_cast<double>(took.count());
          (void)std::fprintf(stderr, "%.0f MB/s\n", rate);  // for people; judged is only the text
        }
        return text;
      });
  EXPECT_EQ(story.error + story.end.failure, "");
  EXPECT_EQ(story.report, "all\nall\n");
}

}  // namespace
}  // namespace squall
