// Words that every checker uses.
#include "checker/explain.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "checker/selection.h"

namespace squall {
namespace {

constexpr std::int64_t kMaxInstallTime = 1'000'000'000;  // beyond it, `start` alone counts

constexpr std::size_t kMaxFaultsNamed = 3;

std::string fault_text(const FaultInterval& fault) {
  std::string inside = fault.id.starts_with(fault.kind) ? "" : fault.kind;
  if (!inside.empty() && !fault.targets.empty()) inside += ' ';
  inside += fault.targets;
  return inside.empty() ? fault.id : fault.id + " (" + inside + ")";
}

std::size_t unit_at(const std::string& text) {
  std::size_t at = text.size();
  while (at > 0 && std::isalpha(static_cast<unsigned char>(text[at - 1])) != 0) --at;
  return at;
}

}  // namespace

std::string seconds(std::int64_t ns) {
  return to_short_text(Duration(ns));
}

std::string seconds_range(std::int64_t from, std::int64_t to) {
  std::string first = seconds(from);
  const std::string last = seconds(to);
  if (first == last) return first;
  if (first.substr(unit_at(first)) == last.substr(unit_at(last))) first.resize(unit_at(first));
  return first + "–" + last;
}

std::string counted(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string process_name(const History& history, OpIndex op) {
  return "process " + std::to_string(history.processes()[history.process()[op]].id);
}

std::string operation_name(OpIndex op) {
  return "operation " + std::to_string(op);
}

std::string value_text(const Values& values, ValueId value) {
  if (value == kAbsent) return "nothing";
  if (value == kNil) return "nil";
  return values.to_json(value);
}

std::string key_prefix(const Values& values, ValueId key) {
  if (key == kAbsent) return "";
  const bool is_text = values.kind(key) == ValueKind::kText;
  return "key " + (is_text ? std::string(values.as_text(key)) : value_text(values, key)) + ": ";
}

std::string while_faults(const Recording& recording, std::int64_t from, std::int64_t to) {
  std::vector<std::string> active;
  for (const FaultInterval& fault : recording.faults) {
    const std::int64_t end = fault.is_event ? fault.start : fault.end;
    if (fault.start <= to && end >= from) active.push_back(fault_text(fault));
  }
  if (active.empty()) return "";
  std::string text = ", while " + active[0];
  const std::size_t named = std::min(active.size(), kMaxFaultsNamed);
  for (std::size_t i = 1; i < named; ++i) {
    text += (i + 1 == active.size() ? " and " : ", ") + active[i];
  }
  if (named < active.size()) text += " and " + counted(active.size() - named, "other fault");
  return text + (active.size() == 1 ? " was active" : " were active");
}

std::int64_t began(const FaultInterval& fault) {
  const bool is_installing = fault.requested_start <= fault.start &&
                             fault.start < shifted(fault.requested_start, kMaxInstallTime);
  return is_installing ? fault.requested_start : fault.start;
}

Reference reference_for(const Recording& recording, std::string_view fault, std::int64_t at) {
  const FaultInterval* best = nullptr;
  for (const FaultInterval& candidate : recording.faults) {
    if (!fault.empty()) {
      if (candidate.id == fault) best = &candidate;
    } else if (candidate.start <= at && (best == nullptr || candidate.start > best->start)) {
      best = &candidate;
    }
  }
  if (best == nullptr) return {0, "the start", false};
  return {began(*best), "the " + best->id, true};
}

Window window_of(const History& history, const Witness& witness) {
  Window window{kNever, 0};
  for (const OpIndex op : witness.operations) {
    window.from = std::min(window.from, history.sent()[op]);
    const std::int64_t completed = history.completed()[op];
    window.to = std::max(window.to, completed == kNever ? history.sent()[op] : completed);
  }
  return window;
}

}  // namespace squall
