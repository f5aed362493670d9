// A timeline for people, one line an entry.
#include <algorithm>

#include "scenarios/schedule.h"
#include "scenarios/selector_syntax.h"

namespace squall {
namespace {

bool is_list(const SelectorNode& node) {
  if (node.op == SelectorOp::kNode || node.op == SelectorOp::kProcess) return true;
  return node.op == SelectorOp::kOr && is_list(*node.left) && is_list(*node.right);
}

// "e1 | e2" is "e1, e2", because a bar stands between the sides.
std::string side_text(const Selector& side) {
  std::string text = side.text();
  if (!is_list(SelectorAccess::root(side))) return text;
  for (std::size_t at = text.find(" | "); at != std::string::npos; at = text.find(" | ", at)) {
    text.replace(at, 3, ", ");
  }
  return text;
}

std::string metric_text(const WhenMetric& when) {
  const bool is_share = when.metric == "availability";
  const double value = is_share ? when.value * 100 : when.value;
  std::string number = std::to_string(value);
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return when.metric + (when.is_below ? " below " : " above ") + number + (is_share ? "%" : "") +
         (when.lasting > Duration{0} ? " for " + to_text(when.lasting) : "");
}

struct TriggerText {
  Duration length;
  [[nodiscard]] std::string then(std::string start) const {
    return std::move(start) + (length > Duration{0} ? ", for " + to_text(length) : "");
  }
  std::string operator()(const AtTime& at) const {
    if (at.until) return then(to_text(at.at) + ".." + to_text(*at.until));
    return to_text(at.at) + (length > Duration{0} ? "–" + to_text(at.at + length) : "");
  }
  std::string operator()(const AfterFault& after) const {
    return then((after.by > Duration{0} ? to_text(after.by) + " after " : "after ") +
                after.fault.get() + (after.of_start ? " starts" : ""));
  }
  std::string operator()(const WhenLog& when) const {
    return then("when '" + when.pattern + "' is logged" +
                (when.of.empty() ? "" : " by " + when.of));
  }
  std::string operator()(const WhenMetric& when) const { return then("when " + metric_text(when)); }
  std::string operator()(const WhenCount& when) const {
    return then("when " + std::to_string(when.operations) + " operations are done" +
                (when.client.empty() ? "" : " by " + when.client));
  }
};

std::string fault_text(const TimelineEntry& entry) {
  // Names of ours begin with the kind: "process.kill@2".
  const bool is_ours = entry.id.get().starts_with(entry.kind);
  std::string text = is_ours ? entry.id.get() : entry.kind + " " + entry.id.get();
  const bool is_one_way =
      entry.params.has("direction") && entry.params.text("direction") == "one-way";
  std::string sides;
  for (const Selector& side : entry.sides) {
    const char* between = is_one_way ? " → " : " | ";
    sides += (sides.empty() ? "" : between) + side_text(side);
  }
  std::string params;
  for (const auto& [name, value] : entry.params.all()) {
    if (value.empty() || name == "direction") continue;
    params += (params.empty() ? "" : " ") + name + "=" + value;
  }
  return text + ": " + sides + (params.empty() ? "" : " (" + params + ")");
}

// Characters, not bytes: an en dash has three bytes.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

std::string timeline_text(const Scenario& scenario) {
  if (scenario.timeline.empty()) {
    return "no faults, " + to_text(scenario.duration + scenario.settle) + " of load\n";
  }
  std::vector<std::string> starts;
  std::size_t widest = 0;
  for (const TimelineEntry& entry : scenario.timeline) {
    starts.push_back(std::visit(TriggerText{entry.length}, entry.trigger));
    widest = std::max(widest, width(starts.back()));
  }
  std::string text;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::string pad(widest - width(starts[i]) + 2, ' ');
    text += starts[i] + pad + fault_text(scenario.timeline[i]) + "\n";
  }
  return text;
}

}  // namespace squall
