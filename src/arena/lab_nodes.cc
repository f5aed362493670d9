// Makes node namespaces and starts agents in them.
#include "arena/lab_nodes.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "agent/agent_config.h"
#include "arena/lab_channel.h"
#include "base/files.h"
#include "kernel/capabilities.h"
#include "kernel/mounts.h"
#include "kernel/namespaces.h"

namespace squall {
namespace {

Result<> enter(const Fd& ns, int type, const char* what) {
  if (::setns(ns.get(), type) == 0) return {};
  return errno_error(std::string("enter the node's ") + what + " namespace");
}

void wait_for(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
}

// In a child: the namespaces that its parent will open.
Result<> furnish(const NodeName& node, const std::string& hosts) {
  TRY(unshare_namespaces(CLONE_NEWNS | CLONE_NEWUTS));
  TRY(set_hostname(node.get()));
  return bind_mount_read_only(hosts, "/etc/hosts");
}

[[noreturn]] void furnish_and_wait(const NodeName& node, const std::string& hosts,
                                   const Fd& channel) {
  const Result<> done = furnish(node, hosts);
  (void)send_message(channel, done.ok() ? "" : done.error().what);  // no reader: we end anyway
  (void)receive_message(channel);  // until our parent holds our namespaces and hangs up
  ::_exit(0);
}

Result<NodeNamespaces> open_namespaces(pid_t child, Fd netns) {
  return NodeNamespaces{.netns = std::move(netns),
                        .mount = TRY(open_namespace(child, NamespaceKind::kMount)),
                        .uts = TRY(open_namespace(child, NamespaceKind::kUts))};
}

Result<NodeNamespaces> make_namespaces(const NodeName& node, const std::string& hosts, Fd netns) {
  auto [ours, theirs] = TRY(make_channel());
  const pid_t child = ::fork();
  if (child < 0) return errno_error("fork");
  if (child == 0) {
    ours.reset();
    furnish_and_wait(node, hosts, theirs);
  }
  theirs.reset();
  const Result<std::optional<LabMessage>> answer = receive_message(ours);
  Result<NodeNamespaces> opened = open_namespaces(child, std::move(netns));
  ours.reset();
  wait_for(child);
  if (!answer.ok()) return answer.error();
  if (!*answer) return Error{Errc::kIo, "a helper process died"};
  if ((*answer)->text != " ") return Error{Errc::kIo, (*answer)->text};
  return opened;
}

Result<> redirect_output(const std::string& log) {
  const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Fd file(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!null.is_open() || !file.is_open()) return errno_error("open " + log);
  if (::dup2(null.get(), STDIN_FILENO) < 0 || ::dup2(file.get(), STDOUT_FILENO) < 0 ||
      ::dup2(file.get(), STDERR_FILENO) < 0) {
    return errno_error("redirect to " + log);
  }
  return {};
}

struct AgentStart {
  const NodeNamespaces& namespaces;
  std::string directory;
  std::string log;
  std::string config;
  std::string self;
};

// In a child; returns only on failure.
Result<> become_agent(const AgentStart& start) {
  TRY(enter(start.namespaces.netns, CLONE_NEWNET, "network"));
  TRY(enter(start.namespaces.uts, CLONE_NEWUTS, "UTS"));
  TRY(enter(start.namespaces.mount, CLONE_NEWNS, "mount"));
  if (::chdir(start.directory.c_str()) != 0) return errno_error("enter " + start.directory);
  leave_terminal(true);
  TRY(redirect_output(start.log));
  TRY(raise_ambient_caps());
  // argv wants mutable strings.
  std::array<std::string, 4> words{"squall", "agent", "--config", start.config};
  std::array<char*, 5> argv{words[0].data(), words[1].data(), words[2].data(), words[3].data(),
                            nullptr};
  (void)::execv(start.self.c_str(), argv.data());
  return errno_error("run " + start.self);
}

}  // namespace

Result<LabNodes> LabNodes::make(const LabPlan& plan, const LabPaths& paths, std::vector<Fd> netns) {
  LabNodes nodes(plan, paths);
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const NodeName& name = plan.nodes[i].name;
    nodes.namespaces_.push_back(TRY(make_namespaces(name, paths.hosts(), std::move(netns[i]))
                                        .in("make namespaces of node '" + name.get() + "'")));
  }
  nodes.agents_.assign(plan.nodes.size(), 0);
  return nodes;
}

Result<> LabNodes::write_config(std::size_t node, const AgentProgram& program) const {
  const NodeName& name = plan_->nodes[node].name;
  AgentConfig config;
  config.node = name;
  config.socket = paths_.agent_socket(node);
  config.state_dir = paths_.state_dir(name);
  config.nodes = plan_->addresses;
  config.search_path = program.search_path;
  if (program.cgroup) {
    const Freezer cgroup = TRY(Freezer::create(name.get(), *program.cgroup));
    config.cgroup_parent = cgroup.path();
  }
  return write_file(paths_.agent_config(node), to_json(config));
}

Result<> LabNodes::start_agent(std::size_t node, const AgentProgram& program) {
  const std::string attempt = "start the agent of node '" + plan_->nodes[node].name.get() + "'";
  TRY(write_config(node, program).in(attempt));
  auto [ours, theirs] = TRY(make_channel().in(attempt));
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(attempt + ": fork");
  if (pid == 0) {
    ours.reset();
    const Result<> failed = become_agent({.namespaces = namespaces_[node],
                                          .directory = paths_.node_dir(plan_->nodes[node].name),
                                          .log = paths_.agent_log(node),
                                          .config = paths_.agent_config(node),
                                          .self = program.self});
    (void)send_message(theirs, failed.error().what);  // no reader: nobody wants to know
    ::_exit(127);
  }
  theirs.reset();
  // A successful exec closes the other end.
  const std::optional<LabMessage> failure = TRY(receive_message(ours).in(attempt));
  if (!failure) {
    agents_[node] = pid;
    return {};
  }
  wait_for(pid);
  return Error{Errc::kIo, attempt + ": " + failure->text};
}

Result<> LabNodes::restart_agent(std::size_t node, const AgentProgram& program) {
  const pid_t old = agents_[node];
  if (old != 0) {
    // Our own child that nobody has reaped yet: the pid is still its.
    (void)::kill(old, SIGKILL);
    wait_for(old);
    agents_[node] = 0;
  }
  return start_agent(node, program);
}

void LabNodes::forget(pid_t pid) {
  for (pid_t& agent : agents_) {
    if (agent == pid) agent = 0;
  }
}

void leave_terminal(bool is_program) {
  for (int signal = 1; signal < NSIG; ++signal) {
    if (signal == SIGPIPE && !is_program) continue;
    (void)::signal(signal, SIG_DFL);  // refused for SIGKILL, SIGSTOP and two of glibc's own
  }
  sigset_t none;
  (void)::sigemptyset(&none);
  (void)::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  (void)::setsid();  // refused when we lead a session already, which is as good
}

}  // namespace squall
