// Walks through the stages; every way leads through the same two stops, so that a resumed run has
// the same nanoseconds as one that was booted for it.
#include "arena/sealed/sealed_stages.h"

#include <unistd.h>

#include <chrono>
#include <optional>

#include "arena/sealed/cache.h"
#include "base/digest.h"

namespace squall {
namespace {

constexpr std::string_view kFormat = "squall snapshot 1";
constexpr std::size_t kSnapshotsKept = 6;

class Walk {
 public:
  explicit Walk(const SealedPlan& plan) : plan_(plan) {}

  Result<SealedOutcome> run() {
    Machine machine = TRY(reach_ready());
    if (!is_failed()) TRY(go(machine));
    outcome_.console = machine.console();
    return std::move(outcome_);
  }

 private:
  using RealClock = std::chrono::steady_clock;

  [[nodiscard]] bool is_failed() const { return !outcome_.failure.empty(); }

  SnapshotFiles files(const std::string& what) const {
    Digest digest;
    for (const std::string& part :
         {std::string(kFormat), plan_.identity, machine_facts(plan_.machine), what}) {
      digest.add(part + '\0');
    }
    const std::string stem = plan_.cache + "/" + digest.hex().substr(0, 32);
    return {.memory = stem + ".memory", .state = stem + ".state"};
  }

  [[nodiscard]] bool is_there(const SnapshotFiles& files) const {
    return plan_.is_cached && ::access(files.memory.c_str(), R_OK) == 0 &&
           ::access(files.state.c_str(), R_OK) == 0;
  }

  Result<Machine> reach_ready() {
    const SnapshotFiles ready = files(plan_.stack);
    Fd lock;
    if (plan_.is_cached) {
      if (!is_there(ready)) lock = TRY(lock_file(plan_.cache + "/lock"));
      std::optional<Machine> resumed = resume(ready, "ready snapshot");
      if (resumed) return std::move(*resumed);
    }
    Machine machine = TRY(reach_booted());
    if (is_failed()) return machine;
    say("starting the stack in the machine");
    TRY(machine.mailbox().put_request(plan_.stack));
    TRY(run_to(machine, Stage::kReady, "stack"));
    if (!is_failed()) TRY(keep(machine, ready));
    return machine;
  }

  Result<Machine> reach_booted() {
    const SnapshotFiles booted = files("");
    std::optional<Machine> resumed = resume(booted, "booted snapshot");
    if (resumed) return std::move(*resumed);
    say("booting the machine");
    outcome_.began_from = "boot";
    Machine machine = TRY(Machine::boot(plan_.machine));
    TRY(run_to(machine, Stage::kBooted, "boot"));
    if (!is_failed()) TRY(keep(machine, booted));
    return machine;
  }

  // Nothing: there is no such snapshot, or it was damaged and is thrown away.
  std::optional<Machine> resume(const SnapshotFiles& snapshot, const std::string& name) {
    if (!is_there(snapshot)) return std::nullopt;
    const auto began = RealClock::now();
    touch(snapshot.memory);
    Result<Machine> machine = Machine::resume(plan_.machine, snapshot);
    if (!machine.ok() && plan_.goes_on && !plan_.goes_on()) return std::nullopt;  // interrupted
    if (!machine.ok()) {
      say("the " + name + " cannot be used and is thrown away: " + machine.error().what);
      (void)::unlink(snapshot.state.c_str());
      (void)::unlink(snapshot.memory.c_str());
      return std::nullopt;
    }
    outcome_.began_from = name;
    note("resume", began);
    return *std::move(machine);
  }

  // Memory first: a snapshot is there when its state is.
  Result<> keep(Machine& machine, const SnapshotFiles& snapshot) {
    if (!plan_.is_cached) return {};
    const auto began = RealClock::now();
    const Fd memory = TRY(nameless_file(plan_.cache));
    const Fd state = TRY(nameless_file(plan_.cache));
    TRY(machine.save(memory, state));
    TRY(give_name(memory, snapshot.memory));
    TRY(give_name(state, snapshot.state));
    prune_cache(plan_.cache, {".memory", ".state"}, kSnapshotsKept);
    note("save", began);
    return {};
  }

  Result<> go(Machine& machine) {
    TRY(machine.mailbox().put_request(plan_.go));
    TRY(run_to(machine, Stage::kDone, "run"));
    if (is_failed()) return {};
    const auto began = RealClock::now();
    const std::string result = TRY(machine.mailbox().result());
    const std::size_t line = result.find('\n');
    if (line == std::string::npos) return Error{Errc::kIo, "the machine's result has no facts"};
    outcome_.facts = result.substr(0, line);
    outcome_.run_file = result.substr(line + 1);
    note("hand-out", began);
    return {};
  }

  // A machine that fails is an outcome; a host that does is an error.
  Result<> run_to(Machine& machine, Stage wanted, const std::string& part) {
    const auto began = RealClock::now();
    beat_ = machine.mailbox().heartbeat();
    beaten_at_ = began;
    used_at_beat_ = machine.processor_time();
    is_hung_ = false;
    const Result<MachineStop> stop = machine.run([&] { return tick(machine); });
    (void)tick(machine);  // what it said last
    note(part, began);
    if (!stop.ok() && !is_hung_) return stop.error();
    const Stage stage = machine.mailbox().stage();
    if (stop.ok() && *stop == MachineStop::kStill && stage == wanted) return {};
    outcome_.failure = is_hung_ ? hung() : why(machine, *stop, stage);
    return {};
  }

  bool tick(Machine& machine) {
    const Mailbox box = machine.mailbox();
    const std::string text = box.progress_since(told_);
    if (!text.empty() && plan_.tell) plan_.tell(text);
    const auto now = RealClock::now();
    if (box.heartbeat() != beat_) {
      beat_ = box.heartbeat();
      beaten_at_ = now;
      used_at_beat_ = machine.processor_time();
    }
    is_hung_ = machine.processor_time() - used_at_beat_ > plan_.patience ||
               now - beaten_at_ > plan_.real_patience;
    return !is_hung_ && (!plan_.goes_on || plan_.goes_on());
  }

  [[nodiscard]] std::string hung() const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(plan_.patience).count();
    return "the machine hangs: no sign of life for " + std::to_string(seconds) +
           " s of processor time";
  }

  static std::string why(Machine& machine, MachineStop stop, Stage stage) {
    if (stop == MachineStop::kStill && stage == Stage::kFailed) {
      return machine.mailbox().result().value_or("the machine failed");
    }
    const std::string console = machine.console();
    if (console.find("Out of memory") != std::string::npos ||
        console.find("out of memory") != std::string::npos) {
      return "the machine ran out of memory; give it more: --machine-memory";
    }
    const std::size_t panic = console.find("Kernel panic");
    if (panic != std::string::npos) {
      return "the machine's kernel panicked: " +
             console.substr(panic, console.find('\n', panic) - panic);
    }
    return stop == MachineStop::kEnded ? "QEMU ended: " + machine.last_line()
                                       : "the machine stopped where it should not";
  }

  void say(const std::string& text) const {
    if (plan_.progress) plan_.progress(text);
  }

  void note(const std::string& part, RealClock::time_point began) {
    outcome_.times[part] += std::chrono::duration<double>(RealClock::now() - began).count();
  }

  const SealedPlan& plan_;
  SealedOutcome outcome_;
  std::uint64_t told_ = 0;
  std::uint64_t beat_ = 0;
  RealClock::time_point beaten_at_;
  Duration used_at_beat_{0};
  bool is_hung_ = false;
};

}  // namespace

Result<SealedOutcome> run_machine(const SealedPlan& plan) {
  return Walk(plan).run();
}

}  // namespace squall
