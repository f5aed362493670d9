// The orchestrator's shell.
#include "orchestrator/run_loop.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "orchestrator/early_judge.h"
#include "orchestrator/fault_driver.h"
#include "orchestrator/live_stack.h"
#include "orchestrator/log_tail.h"
#include "orchestrator/metrics_window.h"
#include "orchestrator/progress.h"
#include "orchestrator/ready_stack.h"
#include "orchestrator/run_control.h"
#include "orchestrator/run_recorder.h"
#include "orchestrator/stack_starter.h"
#include "orchestrator/timeline_machine.h"
#include "orchestrator/workload_driver.h"

namespace squall {
namespace {

constexpr Duration kLoopWait = std::chrono::milliseconds(20);  // at most: the timeline is kept
constexpr Duration kLogsEvery = std::chrono::milliseconds(20);
constexpr Duration kSampleEvery = std::chrono::milliseconds(100);
constexpr Duration kCommitEvery = std::chrono::seconds(1);
constexpr Duration kMetricsWindow = std::chrono::seconds(1);
constexpr Duration kClientPatience = std::chrono::seconds(15);
constexpr Duration kFinishPatience = std::chrono::seconds(8);  // for the clients' last operations
constexpr std::int64_t kStride = 1'000'000;

class RunLoop {
 public:
  // `is_started`: the stack is ready already.
  RunLoop(const RunSetup& setup, Arena& arena, int control, RunFileWriter file, bool is_started)
      : setup_(setup),
        scenario_(setup.scenario),
        arena_(arena),
        control_(control),
        clock_(system_clock()),
        recorder_(std::move(file)),
        progress_(Progress::choose(setup.is_quiet)),
        machine_(scenario_),
        gate_(scenario_.steady),
        is_started_(is_started) {}

  // An error: the recording could not be written.  Everything else is in the recording.
  [[nodiscard]] Result<> run() {
    run_start_ = clock_.mono();
    recorder_.write_head(setup_, arena_, clock_);
    const Result<> prepared = prepare();
    if (!prepared) {
      ending_ = "invalid: " + prepared.error().what;
    } else {
      const Result<> ran = run_timeline();
      if (!ran) return abandon(ran.error());
    }
    return finish();
  }

 private:
  // --- before the run -----------------------------------------------------------------------
  Result<> prepare() {
    progress_.show({.phase = "waiting for the agents"});
    recorder_.add_agents(TRY(check_agents(arena_, scenario_)));
    follow_stack(arena_, scenario_.topology, tail_);
    progress_.show({.phase = "starting the stack"});
    if (!is_started_) TRY(start_stack(arena_, scenario_.topology));
    progress_.say(since_start(), "stack is ready");
    std::vector<ClientPlacement> places = TRY(place_clients(scenario_, {.clients = clients()}));
    clients_ = client_processes(scenario_, places);
    live_ = std::make_unique<LiveStack>(arena_, scenario_, places);
    world_ = std::make_unique<SelectorWorld>(live_->world(clients_));
    for (const ClientPlacement& place : places) {
      const Target& target = place.target;
      tail_.add({log_path(arena_, target.node, target.process.get()), target.node.get(),
                 "client " + target.process.get(), scenario_.workload[place.entry].name});
    }
    workload_ = std::make_unique<WorkloadDriver>(arena_, scenario_, *world_, std::move(places));
    return workload_->start(kClientPatience, clock_);
  }

  // --- the run --------------------------------------------------------------------------------
  Result<> run_timeline() {
    run_start_ = clock_.mono();
    next_sample_ = run_start_ + kSampleEvery;
    next_commit_ = run_start_ + kCommitEvery;
    builder_ = std::make_unique<HistoryBuilder>(run_start_, kStride);
    workload_->add_sources(*builder_);
    driver_ = std::make_unique<FaultDriver>(
        FaultDriverSetup{arena_, scenario_, *world_, events_, clock_, run_start_});
    leader_watch_ = std::make_unique<LeaderWatch>(*live_, scenario_, events_);
    if (scenario_.is_stopped_on_violation) {
      early_ = std::make_unique<EarlyJudge>(scenario_.checks, events_, clock_);
    }
    workload_->set_command(ClientCommand::kRun);
    is_timeline_ = scenario_.workload.empty();
    timeline_start_ = run_start_;
    while (!finished_) {
      TRY(step());
      if (is_timeline_) {
        workload_->run_due(timeline_now());
        carry_out(machine_.on_tick(timeline_now()));
      }
    }
    return end_workload();
  }

  Result<> step() {
    driver_->beat();
    handle_events(is_timeline_ ? machine_.until_due(timeline_now(), kLoopWait) : kLoopWait);
    const Duration known_until = since_start();  // what was recorded by now is drained below
    TRY(workload_->drain(*builder_));
    if (early_ && !finished_) early_->look(known_until, *builder_);
    for (const WorkloadEntry& entry : scenario_.workload) {
      live_->set_holders(entry.name, builder_->holders(entry.name));
    }
    read_logs(false);
    TRY(sample());
    return listen();
  }

  Result<> listen() {
    const std::optional<std::string> message = receive_control(control_, Duration{0});
    if (!message) return Error{Errc::kAborted, "the process outside is gone"};
    if (*message != kControlAbort) return {};
    progress_.say(since_start(), "interrupted: healing");
    if (is_timeline_) {
      carry_out(machine_.on_abort(timeline_now(), "interrupted by hand"));
    } else {
      finished_ = FinishRun{Ending::kAborted, "interrupted by hand"};
    }
    return {};
  }

  void read_logs(bool is_final) {
    if (!is_final && clock_.mono() < next_logs_) return;
    next_logs_ = clock_.mono() + kLogsEvery;
    for (const LogTail::Line& line : tail_.read(is_final)) {
      const LogSource& source = *line.source;
      recorder_.add_log(since_start().count(), source.node, source.process, line.text);
      if (is_timeline_ && !finished_) {
        carry_out(machine_.on_log(timeline_now(), source.trigger, line.text));
      }
    }
  }

  Result<> sample() {
    const MonoTime now = clock_.mono();
    if (now < next_sample_) return {};
    next_sample_ = now + kSampleEvery;
    const std::map<std::string, OperationCounts> counts = builder_->take_counts();
    window_.add(now - run_start_, counts);
    if (is_timeline_) {
      if (!finished_) carry_out(machine_.on_metrics(timeline_now(), metric_sample()));
    } else {
      pass_gate(now, counts);
    }
    show_progress();
    if (now < next_commit_) return {};
    next_commit_ = now + kCommitEvery;
    for (const auto& [name, value] : window_.values()) {
      recorder_.file().add_metric({since_start().count(), "", name, value});
    }
    return recorder_.commit(builder_->history());
  }

  void pass_gate(MonoTime now, const std::map<std::string, OperationCounts>& counts) {
    const GateState state = gate_.on_counts(now - run_start_, counts);
    if (state == GateState::kUnsteady) {
      finished_ =
          FinishRun{Ending::kInvalid, "the stack misses its own steady state: " + gate_.explain()};
    }
    if (state != GateState::kSteady) return;
    is_timeline_ = true;
    timeline_start_ = now;
    recorder_.file().set_meta("timeline_start_ns", std::to_string((now - run_start_).count()));
    progress_.say(since_start(), "steady; the timeline begins");
  }

  MetricSample metric_sample() const {
    MetricSample sample;
    sample.values = window_.values();
    for (const auto& [client, counts] : builder_->totals()) {
      sample.operations[client] = counts.total();
      sample.operations[""] += counts.total();
    }
    return sample;
  }

  void carry_out(const std::vector<TimelineEffect>& effects) {
    for (const TimelineEffect& effect : effects) {
      if (const auto* apply = std::get_if<ApplyFault>(&effect)) {
        driver_->apply(apply->entry, timeline_start_ + apply->requested);
      } else if (const auto* heal = std::get_if<HealFault>(&effect)) {
        driver_->heal(heal->entry);
      } else {
        finished_ = std::get<FinishRun>(effect);
      }
    }
  }

  // --- what the helper threads report -----------------------------------------------------------
  void handle_events(Duration wait) {
    for (RunEvent& event : events_.take(wait)) {
      std::visit([this](auto& what) { on(what); }, event);
    }
  }

  void on(FaultApplied& applied) {
    const FaultInterval& fault = applied.interval;
    recorder_.add_fault(fault);
    progress_.say(since_start(),
                  fault.kind + " " + fault.id + ": " + fault.targets +
                      (fault.selected_by.empty() ? "" : " (" + fault.selected_by + ")"));
    carry_out(machine_.on_applied(timeline_now(), applied.entry));
  }

  void on(FaultFailed& failed) {
    recorder_.add_fault(failed.interval);
    progress_.say(since_start(),
                  "fault " + failed.interval.id + " could not be applied: " + failed.why);
    carry_out(machine_.on_failed(timeline_now(), failed.entry));
  }

  void on(FaultHealed& healed) {
    const std::string& id = scenario_.timeline[healed.entry].id.get();
    const std::optional<FinishRun>& cut_short = machine_.cut_short();
    const bool is_aborted = cut_short && cut_short->ending == Ending::kAborted;
    const std::string ending = recorder_.end_fault(id, (healed.at - run_start_).count(),
                                                   is_aborted ? "aborted" : healed.ending);
    progress_.say(since_start(), id + ": " + ending);
    carry_out(machine_.on_healed(timeline_now(), healed.entry));
  }

  void on(LeaseLost& lost) {
    const auto fault = recorder_.faults().find(lost.fault);
    const bool has_ended = fault == recorder_.faults().end() || !fault->second.ending.empty();
    if (has_ended) return;  // each of its nodes says so
    (void)recorder_.end_fault(lost.fault, (lost.at - run_start_).count(), "lease lost");
    progress_.say(since_start(), "the lease of " + lost.fault + " was lost");
  }

  // Its faults on that node ended with it, so the run is not what was written.
  void on(AgentDied& died) {
    for (const auto& [id, fault] : recorder_.faults()) {
      const bool is_there = fault.ending.empty() && driver_->is_on_node(id, NodeName(died.node));
      const char* ending = died.has_hung ? "lease lost" : "died with its agent";
      if (is_there) (void)recorder_.end_fault(id, (died.at - run_start_).count(), ending);
    }
    if (!died.trouble.empty())
      recorder_.file().set_meta("dirty", "agent of " + died.node + ": " + died.trouble);
    progress_.say(since_start(), "the agent of " + died.node +
                                     (died.has_hung ? " does not answer; " : " died; ") +
                                     (died.trouble.empty() ? "started again" : died.trouble));
  }

  void on(EvidenceFound& found) {
    for (const EvidenceRow& row : found.rows) recorder_.file().add_evidence(row);
  }

  void on(LeaderSeen& seen) {
    if (!recorder_.add_leader(since_start().count(), seen)) return;
    progress_.say(since_start(), "leader(" + seen.role + ") is now " + seen.node);
  }

  void on(UndoFailed& failed) {
    recorder_.file().set_meta("dirty", failed.why);
    progress_.say(since_start(), "UNDO FAILED: " + failed.why);
  }

  void on(Noted& note) {
    recorder_.add_log(since_start().count(), note.node, "orchestrator", note.text);
  }

  void on(ViolationFound& found) {
    if (finished_) return;
    const std::string reason = found.check + ": " + found.summary;
    progress_.say(since_start(), "a violation is certain, stopping: " + reason);
    if (is_timeline_) {
      carry_out(machine_.on_violation(timeline_now(), reason));
    } else {
      finished_ = FinishRun{Ending::kStopped, reason};
    }
  }

  // --- the end ----------------------------------------------------------------------------------
  Result<> end_workload() {
    early_.reset();
    ending_ = to_text(*finished_);
    const bool is_short =
        finished_->ending == Ending::kAborted || finished_->ending == Ending::kInvalid;
    workload_->set_command(is_short ? ClientCommand::kStop : ClientCommand::kFinish);
    const MonoTime give_up = clock_.mono() + kFinishPatience;
    while (!workload_->are_all_gone() && clock_.mono() < give_up) {
      handle_events(kLoopWait);
      TRY(workload_->drain(*builder_));
      read_logs(false);
    }
    leader_watch_.reset();
    driver_->join();
    handle_events(Duration{0});
    TRY(workload_->drain(*builder_));
    read_logs(true);
    return {};
  }

  // The recording itself failed (a full disk): heal what stands, say why, keep what was committed.
  Result<> abandon(const Error& error) {
    for (const NodeSpec& node : scenario_.topology.nodes) (void)arena_.agent(node.name).heal_all();
    leader_watch_.reset();
    if (driver_) driver_->join();
    return error;
  }

  Result<> finish() {
    progress_.clear();
    if (builder_) {
      if (workload_->ring_waits() > 0) {
        recorder_.file().set_meta("recorder_waits", std::to_string(workload_->ring_waits()));
      }
      builder_->close_open();
      TRY(recorder_.commit(builder_->history()));
    }
    recorder_.file().set_meta("duration_ns", std::to_string(since_start().count()));
    recorder_.file().set_meta("ending", ending_);
    return recorder_.file().close();
  }

  void show_progress() {
    ProgressState state;
    state.phase = is_timeline_ ? "timeline" : "steady state";
    state.elapsed = is_timeline_ ? timeline_now() : since_start();
    if (is_timeline_) {
      const std::optional<Duration> end = machine_.planned_end();
      if (end) state.left = std::max(Duration{0}, *end - state.elapsed);
    }
    for (const auto& [id, fault] : recorder_.faults()) {
      if (fault.ending.empty()) state.active_faults.push_back(fault.kind + " " + id);
    }
    state.metrics = window_.values();
    progress_.show(state);
  }

  [[nodiscard]] Duration since_start() const { return clock_.mono() - run_start_; }
  [[nodiscard]] Duration timeline_now() const { return clock_.mono() - timeline_start_; }

  const RunSetup& setup_;
  const Scenario& scenario_;
  Arena& arena_;
  int control_;
  const Clock& clock_;
  RunRecorder recorder_;
  Progress progress_;
  TimelineMachine machine_;
  SteadyStateGate gate_;
  MetricsWindow window_{kMetricsWindow};
  RunEventQueue events_;
  LogTail tail_;
  std::vector<ClientProcess> clients_;
  std::unique_ptr<LiveStack> live_;
  std::unique_ptr<SelectorWorld> world_;
  std::unique_ptr<WorkloadDriver> workload_;
  std::unique_ptr<HistoryBuilder> builder_;
  std::unique_ptr<FaultDriver> driver_;
  std::unique_ptr<LeaderWatch> leader_watch_;
  std::unique_ptr<EarlyJudge> early_;  // null: the run goes on to its end
  MonoTime run_start_, timeline_start_, next_logs_, next_sample_, next_commit_;
  bool is_started_;
  bool is_timeline_ = false;
  std::optional<FinishRun> finished_;
  std::string ending_;
};

Result<> record_run(const RunSetup& setup, Arena& arena, int control) {
  RunFileWriter file = TRY(RunFileWriter::create(setup.out));
  return RunLoop(setup, arena, control, std::move(file), setup.at_ready != nullptr).run();
}

}  // namespace

int run_loop(const RunSetup& setup, Arena& arena, int control) {
  RunSetup ready = setup;
  Result<> ran = ready.at_ready ? make_ready(ready, arena) : Result<>();
  if (ran) ran = record_run(ready, arena, control);
  if (!ran) {
    send_control(control, kControlFailed + ran.error().what);
    return 1;
  }
  send_control(control, kControlRecorded);
  while (ready.is_kept) {
    const std::optional<std::string> message = receive_control(control, std::nullopt);
    if (!message || *message == kControlEnd || *message == kControlAbort) break;
  }
  return 0;
}

}  // namespace squall
