// The journal: one JSON object per line.
#include "agent/journal.h"

#include <csignal>
#include <nlohmann/json.hpp>

namespace squall {
namespace {

using Json = nlohmann::json;

// Compacted when it has grown this long.
constexpr std::uint64_t kMaxLines = 4096;

Json to_json(std::uint64_t number, const Change& change) {
  if (const auto* stopped = std::get_if<StoppedProcess>(&change)) {
    return {{"n", number}, {"stop", stopped->process.pid}, {"start", stopped->process.start_time}};
  }
  if (const auto* residue = std::get_if<DelayResidue>(&change)) {
    return {{"n", number}, {"delay", residue->what}};
  }
  if (const auto* skewed = std::get_if<SkewedClock>(&change)) {
    return {{"n", number}, {"skew", skewed->process.pid}, {"start", skewed->process.start_time}};
  }
  return {{"n", number}, {"freeze", std::get<FrozenCgroup>(change).path}};
}

template <typename Number>
bool read(const Json& json, const char* key, Number& into) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_integer()) return false;
  into = found->get<Number>();
  return true;
}

bool read(const Json& json, const char* key, std::string& into) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return false;
  into = found->get<std::string>();
  return true;
}

void take(const Json& line, JournalContent& content) {
  std::uint64_t number = 0;
  std::string text;
  StoppedProcess stopped;
  if (read(line, "boot", text)) content.boot = text;
  if (read(line, "event", text)) content.events.insert(FaultId(text));
  if (read(line, "undone", number)) content.changes.erase(number);
  if (!read(line, "n", number)) return;
  if (read(line, "skew", stopped.process.pid) && read(line, "start", stopped.process.start_time)) {
    content.changes[number] = SkewedClock{stopped.process};
    return;
  }
  if (read(line, "stop", stopped.process.pid) && read(line, "start", stopped.process.start_time)) {
    content.changes[number] = stopped;
  } else if (read(line, "freeze", text)) {
    content.changes[number] = FrozenCgroup{text};
  } else if (read(line, "delay", text)) {
    content.changes[number] = DelayResidue{text};
  }
}

Result<> undo(const Change& change, NodeKernel& kernel) {
  if (const auto* stopped = std::get_if<StoppedProcess>(&change)) {
    const Result<> sent = kernel.signal(stopped->process, SIGCONT);
    if (!sent.ok() && sent.error().code != Errc::kNotFound) return sent.error();
    return {};
  }
  if (const auto* residue = std::get_if<DelayResidue>(&change)) {
    return kernel.delays().remove_residue(residue->what);
  }
  if (const auto* skewed = std::get_if<SkewedClock>(&change)) {
    const Result<> restored = kernel.restore_clock(skewed->process);
    if (!restored.ok() && restored.error().code != Errc::kNotFound) return restored.error();
    return {};
  }
  return kernel.remove_freezer(std::get<FrozenCgroup>(change).path);
}

}  // namespace

std::string to_text(const Change& change) {
  if (const auto* stopped = std::get_if<StoppedProcess>(&change)) {
    return "process " + std::to_string(stopped->process.pid) + " stopped";
  }
  if (const auto* residue = std::get_if<DelayResidue>(&change)) return residue->what;
  if (const auto* skewed = std::get_if<SkewedClock>(&change)) {
    return "clock of process " + std::to_string(skewed->process.pid) + " skewed";
  }
  return "cgroup " + std::get<FrozenCgroup>(change).path + " frozen";
}

JournalContent parse_journal(std::string_view text) {
  JournalContent content;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const Json line = Json::parse(text.substr(0, end), nullptr, /*allow_exceptions=*/false);
    if (line.is_object()) take(line, content);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return content;
}

std::string Journal::content() const {
  std::string text = Json{{"boot", boot_}}.dump();
  for (const FaultId& event : events_) text += "\n" + Json{{"event", event.get()}}.dump();
  for (const auto& [number, change] : changes_) text += "\n" + to_json(number, change).dump();
  return text;
}

Result<> Journal::append(const std::string& line) {
  if (++lines_ < kMaxLines) return kernel_.append_journal(line);
  lines_ = 0;
  return kernel_.replace_journal(content() + "\n" + line);
}

Result<> Journal::begin(std::set<FaultId> events) {
  events_ = std::move(events);
  return kernel_.replace_journal(content());
}

Result<std::uint64_t> Journal::intend(const Change& change) {
  const std::uint64_t number = next_++;
  TRY(append(to_json(number, change).dump()).in("before a change"));
  changes_[number] = change;
  return number;
}

Result<> Journal::undone(std::uint64_t number) {
  TRY(append(Json{{"undone", number}}.dump()));
  changes_.erase(number);
  return {};
}

Result<> Journal::happened(const FaultId& event) {
  TRY(append(Json{{"event", event.get()}}.dump()).in("before an event"));
  events_.insert(event);
  return {};
}

Result<std::vector<std::string>> replay(const JournalContent& content, const std::string& boot,
                                        NodeKernel& kernel) {
  std::vector<std::string> undone;
  std::string failures;
  if (content.boot != boot) return undone;  // the reboot undid it
  for (auto at = content.changes.rbegin(); at != content.changes.rend(); ++at) {
    const Result<> result = undo(at->second, kernel);
    if (result.ok()) {
      undone.push_back("undone: " + to_text(at->second));
    } else {
      failures += "; " + to_text(at->second) + ": " + result.error().what;
    }
  }
  if (failures.empty()) return undone;
  return Error{Errc::kDirty, "could not undo" + failures.substr(1)};
}

}  // namespace squall
