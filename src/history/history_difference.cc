// Both histories are walked side by side; a row is described by named fields, so that one piece of
// code compares operations and faults.
#include "history/history_difference.h"

#include <algorithm>
#include <map>
#include <vector>

namespace squall {
namespace {

constexpr std::size_t kMaxText = 200;  // of one value in a message

// A text, or a time in ns.
struct Field {
  std::string name;
  std::string text{};
  std::optional<std::int64_t> time{};
  friend bool operator==(const Field&, const Field&) = default;
};
using Row = std::vector<Field>;

// "1.234567890 s": every nanosecond, since one is a difference.
std::string exact(std::int64_t ns) {
  if (ns == kNever) return "never";
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const bool is_negative = ns < 0;
  const std::uint64_t size =
      is_negative ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  const std::string fraction = std::to_string(kSecond + size % kSecond).substr(1);
  return (is_negative ? "-" : "") + std::to_string(size / kSecond) + "." + fraction + " s";
}

std::string shortened(const std::string& text) {
  return text.size() <= kMaxText ? text : text.substr(0, kMaxText) + "…";
}

std::string described(const Row& row) {
  std::string text;
  for (const Field& field : row) {
    const std::string value = field.time ? exact(*field.time) : shortened(field.text);
    if (!value.empty()) text += (text.empty() ? "" : ", ") + field.name + " " + value;
  }
  return text;
}

// "sent is 37 ns later", "value differs".
std::string difference_of(const Field& recorded, const Field& replayed) {
  const bool has_distance =
      recorded.time && replayed.time && *recorded.time != kNever && *replayed.time != kNever;
  if (!has_distance) return recorded.name + " differs";
  const auto before = static_cast<std::uint64_t>(*recorded.time);
  const auto after = static_cast<std::uint64_t>(*replayed.time);
  const bool is_later = *replayed.time > *recorded.time;
  return recorded.name + " is " + std::to_string(is_later ? after - before : before - after) +
         " ns " + (is_later ? "later" : "earlier");
}

std::optional<std::string> differing_fields(const Row& recorded, const Row& replayed) {
  std::string text;
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    if (recorded[i] == replayed[i]) continue;
    text += (text.empty() ? "" : ", ") + difference_of(recorded[i], replayed[i]);
  }
  if (text.empty()) return std::nullopt;
  return text;
}

std::string value_text(const Values& values, ValueId id) {
  return id == kAbsent ? "" : values.to_json(id);
}

// What enters the hash, and nothing else.
Row row_of(const History& history, OpIndex index) {
  const Operation op = history.at(index);
  const Process& process = history.processes()[op.process];
  // 0 says that no first byte was seen.
  const std::int64_t first_byte = op.first_byte == 0 ? kNever : op.first_byte;
  return {{.name = "client", .text = process.client},
          {.name = "process", .text = std::to_string(process.id)},
          {.name = "node", .text = process.node},
          {.name = "function", .text = history.functions().name(op.function)},
          {.name = "key", .text = value_text(history.values(), op.key)},
          {.name = "value", .text = value_text(history.values(), op.value)},
          {.name = "outcome", .text = std::string(to_text(op.outcome))},
          {.name = "error", .text = std::string(history.error(index))},
          {.name = "scheduled", .time = op.scheduled},
          {.name = "sent", .time = op.sent},
          {.name = "first byte", .time = first_byte},
          {.name = "completed", .time = op.completed}};
}

Row row_of(const FaultInterval& fault) {
  return {{.name = "kind", .text = fault.kind},
          {.name = "targets", .text = fault.targets},
          {.name = "parameters", .text = fault.parameters},
          {.name = "selected by", .text = fault.selected_by},
          {.name = "requested start", .time = fault.requested_start},
          {.name = "requested end", .time = fault.requested_end},
          {.name = "start", .time = fault.start},
          {.name = "end", .time = fault.end},
          {.name = "event", .text = fault.is_event ? "yes" : "no"},
          {.name = "ending", .text = fault.ending}};
}

// One side has a row that the other lacks, or both have one.
struct Pair {
  std::string name;
  std::int64_t at = 0;
  std::optional<Row> recorded{};
  std::optional<Row> replayed{};
};

std::optional<HistoryDifference> compared(const Pair& pair) {
  HistoryDifference difference{.at = pair.at,
                               .what = pair.name,
                               .recorded = pair.recorded ? described(*pair.recorded) : "nothing",
                               .replayed = pair.replayed ? described(*pair.replayed) : "nothing"};
  if (pair.recorded && pair.replayed) {
    const std::optional<std::string> fields = differing_fields(*pair.recorded, *pair.replayed);
    if (!fields) return std::nullopt;
    difference.what += ": " + *fields;
  } else {
    difference.what += pair.replayed ? " was not recorded" : " is missing in the replay";
  }
  return difference;
}

std::optional<HistoryDifference> first_operation(const History& recorded, const History& replayed) {
  const std::size_t size = std::max(recorded.size(), replayed.size());
  for (OpIndex i = 0; i < size; ++i) {
    Pair pair{.name = "operation " + std::to_string(i), .at = kNever};
    if (i < recorded.size()) {
      pair.recorded = row_of(recorded, i);
      pair.at = recorded.sent()[i];
    }
    if (i < replayed.size()) {
      pair.replayed = row_of(replayed, i);
      pair.at = std::min(pair.at, replayed.sent()[i]);
    }
    if (auto difference = compared(pair)) return difference;
  }
  return std::nullopt;
}

using Faults = std::vector<FaultInterval>;

std::optional<HistoryDifference> first_fault(const Faults& recorded, const Faults& replayed) {
  std::map<std::string, Pair> pairs;
  const auto add = [&pairs](const FaultInterval& fault, std::optional<Row> Pair::*side) {
    Pair& pair =
        pairs.try_emplace(fault.id, Pair{.name = "fault '" + fault.id + "'", .at = fault.start})
            .first->second;
    pair.at = std::min(pair.at, fault.start);
    pair.*side = row_of(fault);
  };
  for (const FaultInterval& fault : recorded) add(fault, &Pair::recorded);
  for (const FaultInterval& fault : replayed) add(fault, &Pair::replayed);
  std::optional<HistoryDifference> first;
  for (const auto& [id, pair] : pairs) {
    auto difference = compared(pair);
    if (difference && (!first || difference->at < first->at)) first = std::move(difference);
  }
  return first;
}

}  // namespace

std::string HistoryDifference::to_text() const {
  return what + "\n  recorded: " + recorded + "\n  replayed: " + replayed;
}

std::optional<HistoryDifference> first_difference(const Recording& recorded,
                                                  const Recording& replayed) {
  auto operation = first_operation(recorded.history, replayed.history);
  auto fault = first_fault(recorded.faults, replayed.faults);
  if (operation && fault) return operation->at <= fault->at ? operation : fault;
  return operation ? operation : fault;
}

}  // namespace squall
