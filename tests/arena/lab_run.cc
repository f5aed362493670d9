// Runs a lab whose body answers with a text.
#include "tests/arena/lab_run.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>

#include "kernel/probes.h"
#include "kernel/sockets.h"
#include "kernel/wait.h"

namespace squall {
namespace {

constexpr char kGo = 'g';

std::string read_to_end(int control) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = ::recv(control, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Fd duplicate(int fd) {
  return Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

}  // namespace

LabStory run_lab(const Topology& topology, const LabOptions& options,
                 const std::function<std::string(Arena&)>& body,
                 const std::function<void()>& meanwhile) {
  LabStory story;
  const Result<LabEnd> end = run_in_lab(
      topology, options,
      [&](Arena& arena, int control) {
        char go = 0;
        (void)::recv(control, &go, 1, 0);
        const std::string report = body(arena);
        (void)::send(control, report.data(), report.size(), MSG_NOSIGNAL);
        return 7;
      },
      [&](int control) {
        if (meanwhile) meanwhile();
        (void)::send(control, &kGo, 1, MSG_NOSIGNAL);
        story.report = read_to_end(control);
      });
  if (end.ok()) {
    story.end = *end;
  } else {
    story.error = end.error().what;
  }
  return story;
}

LabOptions bare_options() {
  LabOptions options;
  options.has_agents = false;
  return options;
}

std::int64_t shortest_round_trip(Arena& arena, const std::string& from, const std::string& to,
                                 bool is_ipv6, int count, Duration patience) {
  const NodeAddresses& there = arena.addresses().at(to);
  const Fd echo_netns = duplicate(arena.node_netns(NodeName(to)));
  const Fd probe_netns = duplicate(arena.node_netns(NodeName(from)));
  Result<UdpEcho> echo =
      UdpEcho::open(echo_netns, {.ip = is_ipv6 ? there.ipv6 : there.ipv4, .port = 0});
  if (!echo.ok()) return -2;
  Result<UdpProbe> probe = UdpProbe::open(probe_netns, echo->address());
  if (!probe.ok()) return -3;
  Duration shortest = Duration::max();
  for (int i = 0; i < count; ++i) {
    const MonoTime begin = system_clock().mono();
    const Result<std::uint64_t> number = probe->send();
    if (!number.ok()) return -4;
    if (!wait_readable(echo->fd(), patience).value_or(false)) return -1;
    if (!echo->answer().ok()) return -5;
    if (!probe->wait_for(*number, patience).value_or(false)) return -1;
    shortest = std::min(shortest, system_clock().mono() - begin);
  }
  return shortest.count();
}

std::string why_no_lab() {
  const Result<> namespaces = probe_user_namespaces();
  return namespaces.ok() ? "" : namespaces.error().what;
}

}  // namespace squall
