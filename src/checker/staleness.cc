// The age of every read, in O(n log n).
#include "checker/staleness.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>

namespace squall {
namespace {

constexpr std::int64_t kBefore = std::numeric_limits<std::int64_t>::min();

struct Write {
  Interval interval;
  OpIndex op = 0;
};

// Which write first certainly replaced what, per key.
class Replacements {
 public:
  void add(const Write& write) { writes_.push_back(write); }
  void sort() {
    std::sort(writes_.begin(), writes_.end(),
              [](const Write& a, const Write& b) { return a.interval.sent < b.interval.sent; });
    earliest_.resize(writes_.size());
    for (std::size_t i = writes_.size(); i-- > 0;) {
      earliest_[i] = i;
      if (i + 1 == writes_.size()) continue;
      const std::size_t later = earliest_[i + 1];
      if (writes_[later].interval.completed < writes_[i].interval.completed) earliest_[i] = later;
    }
  }
  // Of the acknowledged writes that were sent after `completed`, the one that returned first.
  [[nodiscard]] const Write* after(std::int64_t completed) const {
    const auto it = std::partition_point(writes_.begin(), writes_.end(), [&](const Write& write) {
      return write.interval.sent <= completed;
    });
    if (it == writes_.end()) return nullptr;
    return &writes_[earliest_[static_cast<std::size_t>(it - writes_.begin())]];
  }

 private:
  std::vector<Write> writes_;          // acknowledged, by `sent`
  std::vector<std::size_t> earliest_;  // of this one and all later ones, the first to return
};

struct KeyWrites {
  std::unordered_map<ValueId, std::vector<Interval>> by_value;  // acknowledged or not
  Replacements replacements;
};

class Ages {
 public:
  Ages(const History& history, const StalenessOptions& options)
      : history_(history),
        writers_(history, options.client),
        readers_(history, options.reader.empty() ? options.client : options.reader),
        read_(history.functions().find(options.read)),
        write_(history.functions().find(options.write)),
        cas_(history.functions().find("cas")),
        init_(find_value(history.values(), options.init)) {}

  std::vector<ReadAge> run() {
    for (OpIndex op = 0; op < history_.size(); ++op) add_write(op);
    for (auto& [key, writes] : keys_) writes.replacements.sort();
    std::vector<ReadAge> ages;
    for (OpIndex op = 0; op < history_.size(); ++op) {
      const bool is_read = readers_.has(op, read_) && history_.outcome()[op] == Outcome::kOk &&
                           history_.value()[op] != kAbsent;
      if (is_read) ages.push_back(age_of(op));
    }
    return ages;
  }

 private:
  // What a write made of the key; kAbsent: this is no write.
  [[nodiscard]] ValueId written(OpIndex op) const {
    const ValueId value = history_.value()[op];
    if (history_.outcome()[op] == Outcome::kFail || value == kAbsent) return kAbsent;
    if (writers_.has(op, write_)) return value;
    const bool is_pair = writers_.has(op, cas_) &&
                         history_.values().kind(value) == ValueKind::kList &&
                         history_.values().as_list(value).size() == 2;
    return is_pair ? history_.values().as_list(value)[1] : kAbsent;
  }

  void add_write(OpIndex op) {
    const ValueId value = written(op);
    if (value == kAbsent) return;
    Interval interval = certain_interval(history_, op);
    if (history_.outcome()[op] == Outcome::kInfo) interval.completed = kNever;
    KeyWrites& writes = keys_[history_.key()[op]];
    writes.by_value[value].push_back(interval);
    if (interval.completed != kNever) writes.replacements.add({interval, op});
  }

  [[nodiscard]] ReadAge age_of(OpIndex op) const {
    ReadAge age;
    age.read = op;
    const Interval read = certain_interval(history_, op);
    const ValueId value = history_.value()[op];
    const auto key = keys_.find(history_.key()[op]);
    // Of all that may have written this value, the one that was replaced last is taken.
    std::vector<Interval> sources;
    if (value == init_) sources.push_back({kBefore, kBefore});
    if (key != keys_.end()) {
      const auto found = key->second.by_value.find(value);
      if (found != key->second.by_value.end()) {
        sources.insert(sources.end(), found->second.begin(), found->second.end());
      }
    }
    std::erase_if(sources, [&](const Interval& s) { return s.sent > read.completed; });
    age.is_unwritten = sources.empty();
    if (sources.empty() || key == keys_.end()) return age;
    const Write* last = nullptr;
    for (const Interval& source : sources) {
      const Write* write = key->second.replacements.after(source.completed);
      if (write == nullptr) return age;
      if (last == nullptr || write->interval.completed > last->interval.completed) last = write;
    }
    if (last->interval.completed >= read.sent) return age;
    age.staleness = read.sent - last->interval.completed;
    age.replaced_by = last->op;
    return age;
  }

  const History& history_;
  Selection writers_;
  Selection readers_;
  std::optional<FunctionId> read_;
  std::optional<FunctionId> write_;
  std::optional<FunctionId> cas_;
  std::optional<ValueId> init_;
  std::map<ValueId, KeyWrites> keys_;
};

}  // namespace

std::vector<ReadAge> read_ages(const History& history, const StalenessOptions& options) {
  return Ages(history, options).run();
}

}  // namespace squall
