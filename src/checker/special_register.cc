// Zones.
#include "checker/special_register.h"

#include <algorithm>
#include <limits>

namespace squall {
namespace {

constexpr std::uint32_t kNone = 0xffff'ffffU;
constexpr std::int64_t kBeginning = std::numeric_limits<std::int64_t>::min();

// The operations that return first and are called last among some; kNone: there are none.
struct Extremes {
  std::uint32_t first_return = kNone;
  std::uint32_t last_call = kNone;
};

// A value of the register.
struct Cluster {
  std::uint32_t writer = kNone;    // write or cas
  std::uint32_t replacer = kNone;  // the cas that replaced it
  std::uint32_t observers = 0;     // operations that certainly happened and found it
  Extremes readers;
  bool has_several_writers = false;
  bool is_walked = false;  // part of a block
};

// A block as an interval; forward if the first return comes before the last call.
struct Zone {
  std::int64_t first_return = 0;
  std::int64_t last_call = 0;
  Extremes ends;
};

class Zones {
 public:
  Zones(std::span<const RegisterOp> ops, State state_count, State initial)
      : ops_(ops), clusters_(state_count), initial_(initial) {}

  SpecialOutcome run() {
    collect();
    keep_observed_crashes();
    if (!find_foreign()) return std::move(outcome_);
    outcome_.answer = SpecialAnswer::kValid;
    (void)(link() && check_origins() && walk_blocks() && compare_zones());
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] Cluster& from(std::size_t i) { return clusters_[ops_[i].from]; }
  [[nodiscard]] Cluster& to(std::size_t i) { return clusters_[ops_[i].to]; }

  void extend(Extremes& extremes, std::uint32_t op) const {
    std::uint32_t& first = extremes.first_return;
    std::uint32_t& last = extremes.last_call;
    if (first == kNone || ops_[op].returned < ops_[first].returned) first = op;
    if (last == kNone || ops_[op].called > ops_[last].called) last = op;
  }

  void add_writer(std::uint32_t op) {
    Cluster& cluster = to(op);
    if (cluster.writer != kNone) cluster.has_several_writers = true;
    cluster.writer = op;
  }

  // Completed operations first: what they found must have been written.
  void collect() {
    for (std::uint32_t i = 0; i < ops_.size(); ++i) {
      const RegisterOp& op = ops_[i];
      if (is_pure(op.call)) {
        if (op.call == RegisterCall::kRead && !is_crashed(op)) {
          ++from(i).observers;
          extend(from(i).readers, i);
        }
        continue;
      }
      if (is_crashed(op)) {
        crashed_.push_back(i);
        continue;
      }
      if (op.call == RegisterCall::kCas) ++from(i).observers;
      add_writer(i);
    }
  }

  // A crashed operation happened if somebody observed its value; one that is a cas observed another
  // value in its turn.
  void keep_observed_crashes() {
    const auto by_value = [this](std::uint32_t a, std::uint32_t b) {
      return ops_[a].to < ops_[b].to;
    };
    std::sort(crashed_.begin(), crashed_.end(), by_value);
    std::vector<State> observed;
    for (std::size_t i = 0; i < crashed_.size(); ++i) {
      const bool is_first = i == 0 || ops_[crashed_[i - 1]].to != ops_[crashed_[i]].to;
      if (is_first && to(crashed_[i]).observers > 0) observed.push_back(ops_[crashed_[i]].to);
    }
    while (!observed.empty()) {
      const State state = observed.back();
      observed.pop_back();
      auto it = std::partition_point(crashed_.begin(), crashed_.end(),
                                     [&](std::uint32_t op) { return ops_[op].to < state; });
      for (; it != crashed_.end() && ops_[*it].to == state; ++it) {
        add_writer(*it);
        const bool is_cas = ops_[*it].call == RegisterCall::kCas;
        if (is_cas && from(*it).observers++ == 0) observed.push_back(ops_[*it].from);
      }
    }
  }

  // False: not of the class.
  bool find_foreign() {
    for (const Cluster& cluster : clusters_) {
      if (cluster.has_several_writers) return is_foreign("a value was written twice");
    }
    if (initial_ < clusters_.size() && clusters_[initial_].writer != kNone) {
      return is_foreign("the initial value was written again");
    }
    for (const RegisterOp& op : ops_) {
      const bool is_evidence = op.call == RegisterCall::kDiffers && !is_crashed(op);
      if (is_evidence && (op.from == initial_ || clusters_[op.from].writer != kNone)) {
        return is_foreign("a compare-and-set failed");
      }
    }
    return true;
  }

  bool is_foreign(const char* why) {
    outcome_ = not_mine(why);
    return false;
  }

  // The cas that replaced each value; two cannot both have found it.
  bool link() {
    std::vector<std::uint32_t> rivals;
    for (const Cluster& cluster : clusters_) {
      const std::uint32_t op = cluster.writer;
      if (op == kNone || ops_[op].call != RegisterCall::kCas) continue;
      std::uint32_t& replacer = from(op).replacer;
      if (replacer != kNone) rivals = {replacer, op};
      replacer = op;
    }
    return rivals.empty() || is_violated("two operations replaced the same value", rivals);
  }

  // Every value that was found was written.
  bool check_origins() {
    for (State state = 0; state < clusters_.size(); ++state) {
      const Cluster& cluster = clusters_[state];
      if (state == initial_ || cluster.writer != kNone || cluster.observers == 0) continue;
      const std::uint32_t reader = cluster.readers.first_return;
      if (reader != kNone) return is_violated("a value was read that nobody wrote", {reader});
      return is_violated("a value was replaced that nobody wrote", {cluster.replacer});
    }
    return true;
  }

  [[nodiscard]] bool is_head(State state) const {
    const std::uint32_t writer = clusters_[state].writer;
    return state == initial_ || (writer != kNone && ops_[writer].call == RegisterCall::kWrite);
  }

  // Block by block from its head, which nobody's cas made; what no head leads to are circles.
  bool walk_blocks() {
    zones_.reserve(clusters_.size());
    for (State state = 0; state < clusters_.size(); ++state) {
      if (is_head(state) && !walk_block(state)) return false;
    }
    for (const Cluster& cluster : clusters_) {
      if (cluster.writer != kNone && !cluster.is_walked) {
        return is_violated("values replaced each other in a circle", {cluster.writer});
      }
    }
    return true;
  }

  // In the order that it must have: the write, its readers, the cas, its readers, ….
  bool walk_block(State head) {
    Extremes all;
    for (State state = head;;) {
      Cluster& cluster = clusters_[state];
      cluster.is_walked = true;
      if (cluster.writer != kNone && !append({cluster.writer, cluster.writer}, all)) return false;
      if (cluster.readers.first_return != kNone && !append(cluster.readers, all)) return false;
      if (cluster.replacer == kNone) break;
      state = ops_[cluster.replacer].to;
    }
    if (all.first_return == kNone) return true;  // an initial value that nobody saw
    zones_.push_back({head == initial_ ? kBeginning : ops_[all.first_return].returned,
                      ops_[all.last_call].called, all});
    return true;
  }

  bool append(const Extremes& next, Extremes& all) {
    const bool is_late =
        all.last_call != kNone && ops_[next.first_return].returned < ops_[all.last_call].called;
    if (is_late) {
      return is_violated("a value was seen before it was there, or after it was replaced",
                         {next.first_return, all.last_call});
    }
    extend(all, next.first_return);
    extend(all, next.last_call);
    return true;
  }

  bool compare_zones() {
    std::vector<Zone> forward;
    for (const Zone& zone : zones_) {
      if (zone.first_return < zone.last_call) forward.push_back(zone);
    }
    const auto is_earlier = [](const Zone& a, const Zone& b) {
      return a.first_return < b.first_return;
    };
    std::sort(forward.begin(), forward.end(), is_earlier);
    for (std::size_t i = 1; i < forward.size(); ++i) {
      if (forward[i].first_return < forward[i - 1].last_call) {
        return is_circle(forward[i - 1], forward[i]);
      }
    }
    for (const Zone& zone : zones_) {
      if (zone.first_return < zone.last_call) continue;
      // The last that begins before this one; those before it ended before it began.
      const auto next = std::partition_point(
          forward.begin(), forward.end(),
          [&](const Zone& other) { return other.first_return < zone.last_call; });
      if (next == forward.begin()) continue;
      const Zone& around = *std::prev(next);
      if (zone.first_return < around.last_call) return is_circle(around, zone);
    }
    return true;
  }

  bool is_circle(const Zone& a, const Zone& b) {
    return is_violated(
        "of two values, each was there before the other and after it",
        {a.ends.first_return, a.ends.last_call, b.ends.first_return, b.ends.last_call});
  }

  // Adds who wrote what the seeds found, and for what crashed, who saw that it happened.
  bool is_violated(const char* why, const std::vector<std::uint32_t>& seeds) {
    outcome_.answer = SpecialAnswer::kViolated;
    outcome_.why = why;
    std::vector<char> is_in(ops_.size(), 0);
    std::vector<std::uint32_t> waiting;
    const auto add = [&](std::uint32_t op) {
      if (op == kNone || is_in[op] != 0) return;
      is_in[op] = 1;
      outcome_.core.push_back(op);
      waiting.push_back(op);
    };
    std::for_each(seeds.begin(), seeds.end(), add);
    while (!waiting.empty()) {
      const std::uint32_t op = waiting.back();
      waiting.pop_back();
      if (needs_from(ops_[op].call)) add(from(op).writer);
      if (!is_crashed(ops_[op])) continue;
      const Cluster& made = to(op);
      add(made.readers.first_return == kNone ? made.replacer : made.readers.first_return);
    }
    std::sort(outcome_.core.begin(), outcome_.core.end());
    return false;
  }

  std::span<const RegisterOp> ops_;
  std::vector<Cluster> clusters_;  // by state
  State initial_;
  std::vector<std::uint32_t> crashed_{};
  std::vector<Zone> zones_{};
  SpecialOutcome outcome_{};
};

}  // namespace

SpecialOutcome check_unique_register(std::span<const RegisterOp> ops, State state_count,
                                     State initial) {
  if (ops.size() >= kNone) return not_mine("more operations than 32 bits count");
  return Zones(ops, state_count, initial).run();
}

}  // namespace squall
