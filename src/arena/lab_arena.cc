// Answers from the plan, asks the lab's init for what only a parent can do.
#include "arena/lab_arena.h"

#include <algorithm>
#include <cstdlib>

#include "arena/lab_channel.h"
#include "arena/lab_init.h"
#include "base/check.h"
#include "base/files.h"

namespace squall {
namespace {

constexpr std::size_t kLogTail = 400;

std::string log_tail(const std::string& path) {
  const Result<std::string> log = read_file(path);
  if (!log.ok() || log->empty()) return "its log is empty";
  const std::size_t begin = log->size() > kLogTail ? log->size() - kLogTail : 0;
  return "its log ends: " + log->substr(begin);
}

}  // namespace

LabArena::LabArena(LabView view) : view_(std::move(view)) {
  for (std::size_t i = 0; i < view_.plan.nodes.size(); ++i) {
    clients_.push_back(
        std::make_unique<AgentClient>(view_.plan.nodes[i].name.get(), view_.paths.agent_socket(i)));
  }
}

Result<> LabArena::wait_for_agents(Duration within) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Result<> up = clients_[i]->wait_until_up(within);
    if (up.ok()) continue;
    Error error = std::move(up).error();
    error.what += "; " + log_tail(view_.paths.agent_log(i));
    return error;
  }
  return {};
}

const std::map<std::string, NodeAddresses>& LabArena::addresses() const {
  return view_.plan.addresses;
}

AgentClient& LabArena::agent(const NodeName& node) {
  return *clients_[index_of(node)];
}

std::string LabArena::node_dir(const NodeName& node) const {
  return view_.paths.node_dir(node);
}

std::string LabArena::run_dir() const {
  return view_.paths.run_dir();
}

std::string LabArena::self() const {
  return view_.self;
}

int LabArena::node_netns(const NodeName& node) const {
  return view_.netns[index_of(node)];
}

Result<> LabArena::restart_agent(const NodeName& node) {
  (void)TRY(ask_init("restart " + std::to_string(index_of(node))));
  return {};
}

int LabArena::agent_pid(const NodeName& node) {
  const Result<std::string> answer = ask_init("pid " + std::to_string(index_of(node)));
  return answer.ok() ? static_cast<int>(std::strtol(answer->c_str(), nullptr, 10)) : 0;
}

std::map<std::string, std::string> LabArena::facts() const {
  std::map<std::string, std::string> facts = view_.facts;
  if (view_.delay_line.pid == 0) return facts;
  const DelayCounters& counters = *view_.delay_line.counters;
  const std::uint64_t packets = counters.packets;
  facts["delay-line.pid"] = std::to_string(view_.delay_line.pid);
  facts["delay-line.packets"] = std::to_string(packets);
  facts["delay-line.dropped"] = std::to_string(counters.dropped);
  const std::uint64_t late = counters.late_ns / std::max<std::uint64_t>(packets, 1);
  facts["delay-line.late-mean"] = to_short_text(Duration(static_cast<std::int64_t>(late)));
  return facts;
}

std::size_t LabArena::index_of(const NodeName& node) const {
  const std::vector<LabNode>& nodes = view_.plan.nodes;
  const auto row = std::find_if(nodes.begin(), nodes.end(),
                                [&](const LabNode& other) { return other.name == node; });
  CHECK(row != nodes.end());
  return static_cast<std::size_t>(row - nodes.begin());
}

Result<std::string> LabArena::ask_init(const std::string& request) {
  const std::lock_guard lock(init_mutex_);
  TRY(send_message(view_.init, request));
  const std::optional<LabMessage> answer = TRY(receive_message(view_.init));
  if (!answer) return Error{Errc::kIo, "the lab's init has gone"};
  if (answer->text[0] == static_cast<char>(LabNews::kError)) {
    return decode_error(answer->text.substr(1));
  }
  return answer->text;
}

}  // namespace squall
