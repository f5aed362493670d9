// The four patterns.
#include "checker/special_queue.h"

#include <algorithm>
#include <limits>

namespace squall {
namespace {

constexpr std::uint32_t kNone = 0xffff'ffffU;

// The life of a value.
struct Item {
  std::uint32_t enqueue = kNone;
  std::uint32_t dequeue = kNone;
  bool has_several_enqueues = false;
};

// A time during which a value was certainly there, bounds excluded.
struct Presence {
  std::int64_t from = 0;
  std::int64_t to = kNever;
  std::uint32_t value = 0;
};

class Queue {
 public:
  Queue(std::span<const QueueOp> ops, std::uint32_t value_count, QueueOrder order)
      : ops_(ops), items_(value_count), order_(order) {}

  SpecialOutcome run() {
    if (!collect()) return std::move(outcome_);
    outcome_.answer = SpecialAnswer::kValid;
    (void)(check_items() && (order_ == QueueOrder::kNone || check_order()) && check_empty());
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] bool is_crashed(std::uint32_t op) const { return ops_[op].returned == kNever; }
  [[nodiscard]] std::int64_t dequeue_called(const Item& item) const {
    return item.dequeue == kNone ? kNever : ops_[item.dequeue].called;
  }

  bool collect() {
    for (std::uint32_t i = 0; i < ops_.size(); ++i) {
      const QueueOp& op = ops_[i];
      if (op.is_enqueue) {
        if (!is_crashed(i)) add_enqueue(i);
        continue;
      }
      if (is_crashed(i)) return is_foreign("a dequeue crashed");
      if (op.value == kNothingThere) {
        empty_.push_back(i);
      } else if (std::uint32_t& dequeue = items_[op.value].dequeue; dequeue == kNone) {
        dequeue = i;
      } else if (twice_.empty()) {
        twice_ = {dequeue, i};
      }
    }
    // A crashed enqueue counts if its value was dequeued; else it may as well never have happened.
    for (std::uint32_t i = 0; i < ops_.size(); ++i) {
      const bool counts =
          ops_[i].is_enqueue && is_crashed(i) && items_[ops_[i].value].dequeue != kNone;
      if (counts) add_enqueue(i);
    }
    const bool is_ambiguous = std::any_of(
        items_.begin(), items_.end(), [](const Item& item) { return item.has_several_enqueues; });
    return !is_ambiguous || is_foreign("a value was enqueued twice");
  }

  void add_enqueue(std::uint32_t op) {
    Item& item = items_[ops_[op].value];
    if (item.enqueue != kNone) item.has_several_enqueues = true;
    item.enqueue = op;
  }

  bool check_items() {
    if (!twice_.empty()) return is_violated("a value was dequeued twice", twice_);
    for (const Item& item : items_) {
      if (item.dequeue == kNone) continue;
      if (item.enqueue == kNone) {
        return is_violated("a value was dequeued that nobody enqueued", {item.dequeue});
      }
      if (ops_[item.dequeue].returned < ops_[item.enqueue].called) {
        return is_violated("a value was dequeued before it was enqueued",
                           {item.enqueue, item.dequeue});
      }
    }
    return true;
  }

  // Of all values whose enqueue returned before this one's was called, none may be dequeued only
  // after this one was.
  bool check_order() {
    std::vector<std::uint32_t> by_return = enqueues();
    std::vector<std::uint32_t> by_call = by_return;
    std::sort(by_return.begin(), by_return.end(), [this](std::uint32_t a, std::uint32_t b) {
      return ops_[a].returned < ops_[b].returned;
    });
    std::sort(by_call.begin(), by_call.end(),
              [this](std::uint32_t a, std::uint32_t b) { return ops_[a].called < ops_[b].called; });
    std::uint32_t latest = kNone;  // the value, enqueued before, that was dequeued last
    std::size_t next = 0;
    for (const std::uint32_t enqueue : by_call) {
      for (; ops_[by_return[next]].returned < ops_[enqueue].called; ++next) {
        const std::uint32_t value = ops_[by_return[next]].value;
        const bool is_later =
            latest == kNone || dequeue_called(items_[value]) > dequeue_called(items_[latest]);
        if (is_later) latest = value;
      }
      const Item& item = items_[ops_[enqueue].value];
      if (latest == kNone || item.dequeue == kNone) continue;
      const Item& earlier = items_[latest];
      if (ops_[item.dequeue].returned < dequeue_called(earlier)) {
        return is_violated("a value overtook another",
                           {earlier.enqueue, earlier.dequeue, item.enqueue, item.dequeue});
      }
    }
    return true;
  }

  [[nodiscard]] std::vector<std::uint32_t> enqueues() const {
    std::vector<std::uint32_t> all;
    for (const Item& item : items_) {
      if (item.enqueue != kNone) all.push_back(item.enqueue);
    }
    return all;
  }

  [[nodiscard]] std::vector<Presence> presences() const {
    std::vector<Presence> all;
    for (std::uint32_t value = 0; value < items_.size(); ++value) {
      const Item& item = items_[value];
      if (item.enqueue == kNone) continue;
      const std::int64_t from = ops_[item.enqueue].returned;
      if (from < dequeue_called(item)) all.push_back({from, dequeue_called(item), value});
    }
    std::sort(all.begin(), all.end(),
              [](const Presence& a, const Presence& b) { return a.from < b.from; });
    return all;
  }

  // Presences that overlap join to times during which the queue was certainly not empty.
  bool check_empty() {
    if (empty_.empty()) return true;
    const std::vector<Presence> all = presences();
    std::vector<std::size_t> starts;  // of each joined time, in `all`
    std::vector<Presence> joined;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (joined.empty() || all[i].from >= joined.back().to) {
        joined.push_back(all[i]);
        starts.push_back(i);
      } else {
        joined.back().to = std::max(joined.back().to, all[i].to);
      }
    }
    for (const std::uint32_t op : empty_) {
      const auto after =
          std::partition_point(joined.begin(), joined.end(),
                               [&](const Presence& time) { return time.from < ops_[op].called; });
      if (after == joined.begin() || std::prev(after)->to <= ops_[op].returned) continue;
      const auto which = static_cast<std::size_t>(after - joined.begin()) - 1;
      return is_never_empty(op, std::span(all).subspan(starts[which]));
    }
    return true;
  }

  // The fewest presences that cover the operation: each time the one that lasts longest.
  bool is_never_empty(std::uint32_t op, std::span<const Presence> all) {
    std::vector<std::uint32_t> core = {op};
    std::int64_t covered = ops_[op].called;
    bool is_first = true;
    for (std::size_t i = 0; is_first || covered <= ops_[op].returned;) {
      const Presence* best = nullptr;
      for (; i < all.size() && all[i].from < covered; ++i) {
        if (best == nullptr || all[i].to > best->to) best = &all[i];
      }
      if (best == nullptr) break;
      covered = std::max(covered, best->to);
      is_first = false;
      core.insert(core.end(), {items_[best->value].enqueue, items_[best->value].dequeue});
    }
    return is_violated("a dequeue found nothing while something was there all the time", core);
  }

  bool is_foreign(const char* why) {
    outcome_ = not_mine(why);
    return false;
  }

  bool is_violated(const char* why, const std::vector<std::uint32_t>& core) {
    outcome_.answer = SpecialAnswer::kViolated;
    outcome_.why = why;
    for (const std::uint32_t op : core) add_to_core(op);
    std::sort(outcome_.core.begin(), outcome_.core.end());
    outcome_.core.erase(std::unique(outcome_.core.begin(), outcome_.core.end()),
                        outcome_.core.end());
    return false;
  }

  // With who enqueued what it found.
  void add_to_core(std::uint32_t op) {
    if (op == kNone) return;
    outcome_.core.push_back(op);
    const QueueOp& found = ops_[op];
    if (found.is_enqueue || found.value == kNothingThere) return;
    if (items_[found.value].enqueue != kNone) outcome_.core.push_back(items_[found.value].enqueue);
  }

  std::span<const QueueOp> ops_;
  std::vector<Item> items_;  // by value
  QueueOrder order_;
  std::vector<std::uint32_t> empty_{};  // dequeues that found nothing
  std::vector<std::uint32_t> twice_{};  // two dequeues of one value
  SpecialOutcome outcome_{};
};

}  // namespace

SpecialOutcome check_unique_queue(std::span<const QueueOp> ops, std::uint32_t value_count,
                                  QueueOrder order) {
  if (ops.size() >= kNone) return not_mine("more operations than 32 bits count");
  return Queue(ops, value_count, order).run();
}

}  // namespace squall
