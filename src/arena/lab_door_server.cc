// Accepts visitors of our own user and answers a node's name with its namespaces.
#include "arena/lab_door_server.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "arena/lab_channel.h"
#include "arena/lab_init.h"
#include "base/nearest.h"
#include "kernel/namespaces.h"
#include "kernel/wait.h"

namespace squall {
namespace {

constexpr int kBacklog = 16;
constexpr std::size_t kMaxVisitors = 16;

bool is_our_user(const Fd& visitor) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (::getsockopt(visitor.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid();  // both as our user namespace sees them
}

std::string refusal(Errc code, const std::string& what) {
  return static_cast<char>(LabNews::kError) + encode_error({code, what});
}

Result<> hand_over(const Fd& visitor, const NodeNamespaces& node, const std::string& text) {
  const Fd user = TRY(open_namespace(::getpid(), NamespaceKind::kUser));
  const Fd ipc = TRY(open_namespace(::getpid(), NamespaceKind::kIpc));
  const Fd pid = TRY(open_namespace(::getpid(), NamespaceKind::kPid));
  return send_message(
      visitor, text,
      {user.get(), node.mount.get(), node.uts.get(), node.netns.get(), ipc.get(), pid.get()});
}

}  // namespace

std::string door_name(unsigned uid, int pid) {
  return "squall-run-" + std::to_string(uid) + "-" + std::to_string(pid);
}

Result<Fd> open_door(const std::string& name) {
  Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return errno_error("open the lab's door");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  CHECK(name.size() + 1 < sizeof address.sun_path);
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // the leading 0 says "abstract"
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return errno_error("open the lab's door '" + name + "'");
  }
  return socket;
}

void DoorServer::add_to(std::vector<pollfd>& entries) const {
  entries.push_back({.fd = listener_.get(), .events = POLLIN, .revents = 0});
  for (const Fd& visitor : visitors_) {
    entries.push_back({.fd = visitor.get(), .events = POLLIN, .revents = 0});
  }
}

void DoorServer::serve(const LabPlan& plan, const LabPaths& paths, const LabNodes& nodes) {
  accept_visitors();
  std::erase_if(visitors_,
                [&](const Fd& visitor) { return !serve_one(visitor, plan, paths, nodes); });
}

void DoorServer::accept_visitors() {
  for (;;) {
    Fd visitor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!visitor.is_open()) return;
    if (is_our_user(visitor) && visitors_.size() < kMaxVisitors) {
      visitors_.push_back(std::move(visitor));
    }
  }
}

bool DoorServer::serve_one(const Fd& visitor, const LabPlan& plan, const LabPaths& paths,
                           const LabNodes& nodes) const {
  const Result<bool> has_spoken = wait_readable(visitor, Duration(0));
  if (!has_spoken.ok() || !*has_spoken) return has_spoken.ok();
  const Result<std::optional<LabMessage>> request = receive_message(visitor);
  if (!request.ok() || !*request) return false;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const std::string& name = plan.nodes[i].name.get();
    names.push_back(name);
    if (name != (*request)->text) continue;
    const std::string text = "N" + paths.node_dir(plan.nodes[i].name) + "\n" + search_path_;
    (void)hand_over(visitor, nodes.namespaces(i), text);  // the visitor sees us hang up
    return false;
  }
  (void)send_message(visitor,
                     refusal(Errc::kNotFound, "no node '" + (*request)->text + "' in this run" +
                                                  suggestion((*request)->text, names)));
  return false;
}

}  // namespace squall
