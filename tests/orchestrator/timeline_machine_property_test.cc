// The law of the timeline: whatever is applied is healed once, and the run always ends.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "orchestrator/timeline_machine.h"
#include "tests/orchestrator/small_run.h"

namespace squall {
namespace {

using std::chrono::milliseconds;

constexpr Duration kTick = milliseconds(100);
constexpr int kTicksMax = 1'000;  // far beyond the limit below

std::string any_entry(int index) {
  const std::string at = std::to_string(*rc::gen::inRange(0, 60)) + "00ms";
  const std::string before = "f" + std::to_string(index - 1);
  std::string trigger = *rc::gen::element<std::string>(
      "at: " + at, "when: {log: boom}", "when: {operations: 7}",
      "when: {metric: errors, above: 5, for: 300ms}", "when: {log: never}");
  if (index > 0 && *rc::gen::arbitrary<bool>()) {
    trigger =
        *rc::gen::element<std::string>("after: {fault: " + before + ", by: " + at + "}",
                                       "after: {fault: " + before + ", of: start, by: " + at + "}");
  }
  const std::string lasts = ", for: " + std::to_string(*rc::gen::inRange(1, 40)) + "00ms";
  const std::string fault = *rc::gen::element<std::string>(
      "fault: process.kill, on: e1", "fault: process.pause, on: e1" + lasts,
      "fault: network.partition, between: [e1, e2]" + lasts);
  return "{" + trigger + ", " + fault + ", name: f" + std::to_string(index) + "}";
}

Scenario any_timeline() {
  const int count = *rc::gen::inRange(0, 6);
  std::string timeline;
  for (int i = 0; i < count; ++i) timeline += (i == 0 ? "" : ", ") + any_entry(i);
  return test::small_run("[" + timeline + "]", "limit: 20s\nsettle: 1s");
}

// The world of the machine: faults take a while to come and go, and some cannot be applied.
class World {
 public:
  explicit World(const Scenario& scenario) : scenario_(scenario), machine_(scenario) {}

  // Ticks until the machine finishes; false: it never did.
  bool run() {
    const int abort_at = *rc::gen::inRange(0, 300);
    const bool is_aborted = *rc::gen::arbitrary<bool>();
    for (int tick = 0; tick < kTicksMax && !machine_.is_finished(); ++tick) {
      now_ = tick * kTick;
      if (is_aborted && tick == abort_at) carry_out(machine_.on_abort(now_, "by hand"));
      report_due();
      disturb();
      carry_out(machine_.on_tick(now_));
    }
    return machine_.is_finished();
  }

  [[nodiscard]] const std::map<std::size_t, int>& applied() const { return applied_; }
  [[nodiscard]] const std::map<std::size_t, int>& failed() const { return failed_; }
  [[nodiscard]] const std::map<std::size_t, int>& healed() const { return healed_; }
  [[nodiscard]] int finishes() const { return finishes_; }

 private:
  enum class Report { kApplied, kFailed, kHealed };
  struct Due {
    Duration at;
    std::size_t entry;
    Report report;
  };

  void carry_out(const std::vector<TimelineEffect>& effects) {
    for (const TimelineEffect& effect : effects) {
      RC_ASSERT(finishes_ == 0);
      const Duration at = now_ + *rc::gen::inRange(0, 5) * kTick;
      if (const auto* apply = std::get_if<ApplyFault>(&effect)) {
        RC_ASSERT(apply->requested <= now_);
        ++applied_[apply->entry];
        const bool is_failing = *rc::gen::inRange(0, 8) == 0;
        due_.push_back({at, apply->entry, is_failing ? Report::kFailed : Report::kApplied});
      } else if (const auto* heal = std::get_if<HealFault>(&effect)) {
        ++healed_[heal->entry];
        due_.push_back({at, heal->entry, Report::kHealed});
      } else {
        ++finishes_;
      }
    }
  }

  void report_due() {
    for (std::size_t i = 0; i < due_.size(); ++i) {
      if (due_[i].at > now_) continue;
      const Due due = due_[i];
      due_.erase(due_.begin() + static_cast<std::ptrdiff_t>(i--));
      if (due.report == Report::kFailed) ++failed_[due.entry];
      carry_out(due.report == Report::kApplied  ? machine_.on_applied(now_, due.entry)
                : due.report == Report::kFailed ? machine_.on_failed(now_, due.entry)
                                                : machine_.on_healed(now_, due.entry));
    }
  }

  void disturb() {
    const int what = *rc::gen::inRange(0, 20);
    if (what == 0) carry_out(machine_.on_log(now_, "etcd", "boom"));
    MetricSample sample;
    sample.values["errors"] = *rc::gen::inRange(0, 12);
    sample.operations[""] = static_cast<std::uint64_t>(now_ / milliseconds(500));
    if (what < 10) carry_out(machine_.on_metrics(now_, sample));
  }

  const Scenario& scenario_;
  TimelineMachine machine_;
  Duration now_{0};
  std::vector<Due> due_;
  std::map<std::size_t, int> applied_;
  std::map<std::size_t, int> failed_;
  std::map<std::size_t, int> healed_;
  int finishes_ = 0;
};

int count(const std::map<std::size_t, int>& counts, std::size_t entry) {
  const auto found = counts.find(entry);
  return found == counts.end() ? 0 : found->second;
}

RC_GTEST_PROP(TimelineMachine, HealsOnceWhatItAppliedAndAlwaysFinishes, ()) {
  const Scenario scenario = any_timeline();
  World world(scenario);
  RC_ASSERT(world.run());
  RC_ASSERT(world.finishes() == 1);
  for (std::size_t i = 0; i < scenario.timeline.size(); ++i) {
    const bool is_event = scenario.timeline[i].kind == "process.kill";
    RC_ASSERT(count(world.applied(), i) <= 1);
    const int stood = is_event ? 0 : count(world.applied(), i) - count(world.failed(), i);
    RC_ASSERT(count(world.healed(), i) == stood);
  }
}

}  // namespace
}  // namespace squall
