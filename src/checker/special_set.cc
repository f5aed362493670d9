// One order, and whether it respects real time.
#include "checker/special_set.h"

#include <algorithm>

namespace squall {
namespace {

constexpr std::uint32_t kNone = 0xffff'ffffU;

struct Element {
  std::uint32_t add = kNone;
  std::uint32_t first_read = kNone;  // in the order by size
  std::uint32_t last_seen_by = kNone;
  bool has_several_adds = false;
};

class GrowingSet {
 public:
  GrowingSet(std::span<const SetOp> ops, std::uint32_t value_count)
      : ops_(ops), elements_(value_count) {}

  SpecialOutcome run() {
    if (!sort_reads() || !collect_adds()) return std::move(outcome_);
    outcome_.answer = SpecialAnswer::kValid;
    (void)(check_chain() && check_time());
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] bool is_crashed(std::uint32_t op) const { return ops_[op].returned == kNever; }

  bool sort_reads() {
    for (std::uint32_t i = 0; i < ops_.size(); ++i) {
      if (!ops_[i].is_add && !is_crashed(i)) reads_.push_back(i);
    }
    std::stable_sort(reads_.begin(), reads_.end(), [this](std::uint32_t a, std::uint32_t b) {
      return ops_[a].elements.size() < ops_[b].elements.size();
    });
    for (const std::uint32_t read : reads_) {
      for (const std::uint32_t value : ops_[read].elements) {
        Element& element = elements_[value];
        if (element.first_read == kNone) element.first_read = read;
        if (element.last_seen_by == read) return is_foreign("a read has an element twice");
        element.last_seen_by = read;
      }
    }
    return true;
  }

  bool collect_adds() {
    for (std::uint32_t i = 0; i < ops_.size(); ++i) {
      if (!ops_[i].is_add) continue;
      Element& element = elements_[ops_[i].value];
      if (is_crashed(i) && element.first_read == kNone) continue;
      if (element.add != kNone) return is_foreign("an element was added twice");
      element.add = i;
    }
    return true;
  }

  // Each read has all that the one before has.
  bool check_chain() {
    std::vector<char> is_in(elements_.size(), 0);
    for (std::size_t i = 0; i < reads_.size(); ++i) {
      const std::span<const std::uint32_t> now = ops_[reads_[i]].elements;
      std::size_t old = 0;
      for (const std::uint32_t value : now) {
        if (elements_[value].add == kNone) {
          return is_violated("an element was read that nobody added", {reads_[i]});
        }
        if (is_in[value] != 0) ++old;
        is_in[value] = 1;
      }
      if (i == 0 || old == ops_[reads_[i - 1]].elements.size()) continue;
      return is_incomparable(reads_[i - 1], reads_[i]);
    }
    return true;
  }

  bool is_incomparable(std::uint32_t smaller, std::uint32_t larger) {
    return is_violated("of two reads, each has an element that the other lacks",
                       {smaller, larger, lacking(smaller, larger), lacking(larger, smaller)});
  }

  // The add of an element that `has` has and `lacks` lacks.
  [[nodiscard]] std::uint32_t lacking(std::uint32_t has, std::uint32_t lacks) const {
    std::vector<char> is_there(elements_.size(), 0);
    for (const std::uint32_t value : ops_[lacks].elements) is_there[value] = 1;
    for (const std::uint32_t value : ops_[has].elements) {
      if (is_there[value] == 0) return elements_[value].add;
    }
    return kNone;
  }

  // Groups in their order; what a group holds may stand in any order.
  bool check_time() {
    std::vector<std::vector<std::uint32_t>> adds(reads_.size() + 1);  // before each read; the rest
    std::vector<std::size_t> place(ops_.size(), 0);
    for (std::size_t i = 0; i < reads_.size(); ++i) place[reads_[i]] = i;
    for (const Element& element : elements_) {
      if (element.add == kNone) continue;
      const bool is_seen = element.first_read != kNone;
      adds[is_seen ? place[element.first_read] : reads_.size()].push_back(element.add);
    }
    for (std::size_t i = 0; i < reads_.size();) {
      if (!append(adds[i])) return false;
      // Reads of the same size have the same elements by now.
      std::vector<std::uint32_t> group;
      const std::size_t size = ops_[reads_[i]].elements.size();
      for (; i < reads_.size() && ops_[reads_[i]].elements.size() == size; ++i) {
        group.push_back(reads_[i]);
      }
      if (!append(group)) return false;
    }
    return append(adds.back());
  }

  // None of these may have returned before one that comes earlier was called.
  bool append(const std::vector<std::uint32_t>& group) {
    for (const std::uint32_t op : group) {
      if (last_call_ == kNone || ops_[op].returned >= ops_[last_call_].called) continue;
      return is_late(op, last_call_);
    }
    for (const std::uint32_t op : group) {
      if (last_call_ == kNone || ops_[op].called > ops_[last_call_].called) last_call_ = op;
    }
    return true;
  }

  // `early` returned before `late` was called, but must come after it.
  bool is_late(std::uint32_t early, std::uint32_t late) {
    if (ops_[early].is_add && ops_[late].is_add) {
      // Some read has the later one without the earlier one.
      return is_violated("an element was seen without one that was there before",
                         {early, late, elements_[ops_[late].value].first_read});
    }
    if (ops_[early].is_add) return is_violated("a read lacks what was there", {early, late});
    if (ops_[late].is_add) {
      return is_violated("an element was seen before it was added", {early, late});
    }
    return is_violated("a later read lacks what an earlier one had",
                       {early, late, lacking(early, late)});
  }

  bool is_foreign(const char* why) {
    outcome_ = not_mine(why);
    return false;
  }

  bool is_violated(const char* why, const std::vector<std::uint32_t>& core) {
    outcome_.answer = SpecialAnswer::kViolated;
    outcome_.why = why;
    for (const std::uint32_t op : core) {
      if (op != kNone) outcome_.core.push_back(op);
    }
    std::sort(outcome_.core.begin(), outcome_.core.end());
    outcome_.core.erase(std::unique(outcome_.core.begin(), outcome_.core.end()),
                        outcome_.core.end());
    return false;
  }

  std::span<const SetOp> ops_;
  std::vector<Element> elements_;       // by value
  std::vector<std::uint32_t> reads_{};  // completed, by size
  std::uint32_t last_call_ = kNone;     // of what was appended
  SpecialOutcome outcome_{};
};

}  // namespace

SpecialOutcome check_growing_set(std::span<const SetOp> ops, std::uint32_t value_count) {
  if (ops.size() >= kNone) return not_mine("more operations than 32 bits count");
  return GrowingSet(ops, value_count).run();
}

}  // namespace squall
