// The fate of every element, key by key.
#include "checker/set_elements.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "checker/collection_ops.h"

namespace squall {
namespace {

struct SetOps {
  std::vector<OpIndex> adds;
  std::vector<OpIndex> reads;  // acknowledged, with a list
};

class SetReader {
 public:
  SetReader(const History& history, SetAnalysis& analysis)
      : history_(history), analysis_(analysis), first_(analysis.elements.size()) {}

  void read(const SetOps& ops) {
    for (const OpIndex op : ops.adds) on_add(op);
    std::vector<OpIndex> reads = ops.reads;
    // The latest beginning first, so that the first read that lacks an element is the last one.
    std::stable_sort(reads.begin(), reads.end(),
                     [&](OpIndex a, OpIndex b) { return sent(a) > sent(b); });
    missing_.resize(analysis_.elements.size() - first_);
    for (std::size_t i = 0; i < missing_.size(); ++i) missing_[i] = first_ + i;
    last_read_with_.assign(analysis_.elements.size() - first_, kNoRead);
    for (const OpIndex op : reads) on_read(op);
    for (std::size_t i = first_; i < analysis_.elements.size(); ++i) {
      decide(analysis_.elements[i]);
    }
  }

 private:
  static constexpr OpIndex kNoRead = 0xffff'ffffU;

  // Times widened by the clock's error, so that "later" is certain.
  [[nodiscard]] std::int64_t sent(OpIndex op) const { return certain_interval(history_, op).sent; }

  void on_add(OpIndex op) {
    const auto [it, is_new] =
        by_value_.try_emplace(history_.value()[op], analysis_.elements.size());
    if (is_new) {
      SetElement element;
      element.value = history_.value()[op];
      element.add = op;
      analysis_.elements.push_back(element);
    }
    SetElement& element = analysis_.elements[it->second];
    const std::int64_t completed = certain_interval(history_, op).completed;
    if (history_.outcome()[op] != Outcome::kOk || completed == kNever) return;
    if (!element.acknowledged || completed < *element.acknowledged) {
      element.acknowledged = completed;
    }
    element.known = element.acknowledged;
  }

  void on_read(OpIndex op) {
    ++analysis_.reads;
    std::map<ValueId, std::uint32_t> times;
    for (const ValueId item : items_of(history_.values(), history_.value()[op])) {
      const auto it = by_value_.find(item);
      if (it == by_value_.end()) {
        ++analysis_.unexpected;
        continue;
      }
      OpIndex& last_read = last_read_with_[it->second - first_];
      if (last_read == op) {
        ++times[item];
      } else {
        on_present(op, analysis_.elements[it->second]);
        last_read = op;
      }
    }
    for (const auto& [value, more] : times) note_duplicate({value, op, more + 1});
    std::erase_if(missing_, [&](std::size_t i) {
      const bool is_absent = last_read_with_[i - first_] != op;
      if (is_absent) analysis_.elements[i].last_absent = op;
      return is_absent;
    });
  }

  void on_present(OpIndex op, SetElement& element) {
    if (!element.last_present) element.last_present = op;
    const std::int64_t completed = certain_interval(history_, op).completed;
    if (!element.known || completed < *element.known) element.known = completed;
  }

  void note_duplicate(const SetDuplicate& duplicate) {
    if (is_duplicated_.insert(duplicate.value).second) analysis_.duplicates.push_back(duplicate);
  }

  void decide(SetElement& element) const {
    if (!element.known) return;
    const auto& [present, absent] = std::tie(element.last_present, element.last_absent);
    if (present && (!absent || sent(*absent) < sent(*present))) {
      element.fate = Fate::kStable;
      if (absent) {
        element.stable_latency =
            std::max<std::int64_t>(0, shifted(history_.sent()[*absent], 1 - *element.known));
      }
      return;
    }
    if (!absent || sent(*absent) <= *element.known) return;
    const std::int64_t error = present ? clock_error(history_, *present) : 0;
    const bool is_after = !present || sent(*absent) > shifted(history_.sent()[*present], error);
    if (is_after) element.fate = Fate::kLost;
  }

  const History& history_;
  SetAnalysis& analysis_;
  std::size_t first_;  // of this key's elements
  std::unordered_map<ValueId, std::size_t> by_value_;
  std::vector<std::size_t> missing_;  // elements that no later read lacked
  std::vector<OpIndex> last_read_with_;
  std::set<ValueId> is_duplicated_;
};

}  // namespace

SetAnalysis analyse_sets(const History& history, const Selection& selection) {
  const auto add = history.functions().find("add");
  const auto read = history.functions().find("read");
  std::map<ValueId, SetOps> sets;
  for (OpIndex op = 0; op < history.size(); ++op) {
    const ValueId value = history.value()[op];
    if (value == kAbsent) continue;
    if (selection.has(op, add)) {
      sets[history.key()[op]].adds.push_back(op);
    } else if (selection.has(op, read) && history.outcome()[op] == Outcome::kOk &&
               history.completed()[op] != kNever &&
               history.values().kind(value) == ValueKind::kList) {
      sets[history.key()[op]].reads.push_back(op);
    }
  }
  SetAnalysis analysis;
  for (const auto& [key, ops] : sets) SetReader(history, analysis).read(ops);
  return analysis;
}

}  // namespace squall
