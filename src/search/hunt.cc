// The hunt's shell: folders, children, signals.  HuntMachine decides.
#include "search/hunt.h"

#include <filesystem>
#include <map>

#include "base/files.h"
#include "search/child_runs.h"
#include "search/folder_lock.h"
#include "search/hunt_text.h"
#include "search/run_reading.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

constexpr Duration kTick = std::chrono::seconds(1);
constexpr std::size_t kMaxState = std::size_t{512} << 20U;

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Result<HuntFile> read_known(const HuntSetup& setup) {
  HuntFile fresh;
  fresh.name = setup.name;
  fresh.identity = setup.identity;
  fresh.shard = setup.shard;
  const std::string path = setup.out + "/hunt.json";
  if (setup.is_fresh || !fs::exists(path)) return fresh;
  const std::string way_out = "; --fresh starts over, --out chooses another folder";
  Result<HuntFile> known = parse_hunt_file(TRY(read_file(path, kMaxState)));
  if (!known) return Error{Errc::kInvalid, path + ": " + known.error().what + way_out};
  const std::string changed = what_changed(known->identity, setup.identity);
  if (changed.empty()) return known;
  return Error{Errc::kInvalid, "'" + setup.out + "' holds another hunt: " + changed + way_out};
}

class Hunt {
 public:
  Hunt(const HuntSetup& setup, const Clock& clock, HuntFile known, ChildRuns children)
      : setup_(setup),
        clock_(clock),
        file_(std::move(known)),
        machine_(setup.cases, setup.rules, file_.results),
        children_(std::move(children)),
        began_(clock.mono()),
        seconds_before_(file_.seconds) {}

  Result<HuntEnd> run() {
    if (!file_.results.empty()) {
      say(std::to_string(file_.results.size()) + " runs are known from before");
    }
    TRY(save());
    for (;;) {
      TRY(start_all());
      if (machine_.is_over()) break;
      if (machine_.is_decided()) cut_off();
      const ChildRuns::Event event = TRY(children_.wait(kTick));
      if (event.kind == ChildRuns::Event::Kind::kStop) interrupted();
      if (event.kind == ChildRuns::Event::Kind::kEnded) TRY(ended(event.id, event.status));
      show();
    }
    TRY(save());
    end_.file = file_;
    end_.left = machine_.left();
    return end_;
  }

 private:
  struct Running {
    HuntCase wanted;
    std::string stem;  // in running/
    MonoTime began;
  };

  void say(const std::string& text) const { setup_.say(text); }
  void show() const {
    setup_.show(progress_line(machine_.counts(), machine_.left(), children_.running(), sitting_,
                              seconds_of(clock_.mono() - began_)));
  }
  [[nodiscard]] std::string path(const std::string& name) const { return setup_.out + "/" + name; }

  Result<> start_all() {
    while (const std::optional<HuntCase> wanted = machine_.next()) {
      const std::size_t id = next_id_++;
      const std::string stem = path("running/" + file_stem(*wanted));
      remove_run(stem);
      ChildRun run;
      run.words = {setup_.program,  "run",
                   setup_.scenario, "--quiet",
                   "--out",         stem + ".squall",
                   "--seed",        std::to_string(wanted->seed)};
      if (wanted->perturb) {
        run.words.insert(run.words.end(), {"--perturb", std::to_string(*wanted->perturb)});
      }
      run.words.insert(run.words.end(), setup_.flags.begin(), setup_.flags.end());
      run.log = stem + ".log";
      run.has_own_processor = setup_.is_sealed;
      TRY(children_.start(id, run).in("start " + setup_.program));
      running_[id] = {*wanted, stem, clock_.mono()};
    }
    return {};
  }

  Result<> ended(std::size_t id, const ExitStatus& status) {
    const Running run = running_.at(id);
    running_.erase(id);
    const RunReading reading = read_run(status, run.stem + ".squall", run.stem + ".log");
    const bool is_answer =
        reading.outcome == RunOutcome::kClean || reading.outcome == RunOutcome::kViolation;
    if (is_cut_off_ && !is_answer) {
      machine_.on_cut_off(run.wanted);
      remove_run(run.stem);
      return {};
    }
    if (reading.is_fatal) return fatal(run, reading);
    CaseResult result{run.wanted, reading.outcome, reading.exit_code};
    result.seconds = seconds_of(clock_.mono() - run.began);
    result.history = reading.history;
    result.reason = reading.reason;
    result.violations = reading.violations;
    if (reading.outcome == RunOutcome::kViolation) TRY(keep(run, result));
    remove_run(run.stem);
    if (!machine_.on_ended(result)) {
      say(to_text(run.wanted) + ": invalid, it is tried again: " + reading.reason);
      return {};
    }
    ++sitting_;
    if (reading.outcome != RunOutcome::kClean) say(result_line(result));
    return save();
  }

  // Stays where it can be found: run file and log beside hunt.json.
  Result<> keep(const Running& run, CaseResult& result) const {
    result.file = file_stem(run.wanted) + ".squall";
    for (const char* ending : {".squall", ".log"}) {
      std::error_code error;
      fs::rename(run.stem + ending, path(file_stem(run.wanted) + ending), error);
      if (error) return Error{Errc::kIo, run.stem + ending + ": " + error.message()};
    }
    return {};
  }

  Result<> fatal(const Running& run, const RunReading& reading) {
    machine_.on_cut_off(run.wanted);
    end_.fatal_code = reading.exit_code;
    end_.fatal_reason = to_text(run.wanted) + ": " + reading.reason;
    cut_off();
    return {};
  }

  // A second Ctrl-C waits for no heal: the kernel ends every lab with its run.
  void interrupted() {
    if (end_.is_interrupted) return children_.kill();
    end_.is_interrupted = true;
    say("interrupted: " + std::to_string(children_.running()) +
        " runs heal and end; the same command goes on from here");
    cut_off();
  }

  void cut_off() {
    machine_.stop();
    if (is_cut_off_) return;
    is_cut_off_ = true;
    children_.interrupt();
  }

  Result<> save() {
    file_.results = machine_.results();
    file_.seconds = seconds_before_ + seconds_of(clock_.mono() - began_);
    return write_file_durably(path("hunt.json"), to_json(file_));
  }

  static void remove_run(const std::string& stem) {
    for (const char* ending : {".squall", ".squall-wal", ".squall-shm", ".log"}) {
      std::error_code error;
      fs::remove(stem + ending, error);  // may not be there
    }
  }

  const HuntSetup& setup_;
  const Clock& clock_;
  HuntFile file_;
  HuntMachine machine_;
  ChildRuns children_;
  MonoTime began_;
  double seconds_before_;
  std::map<std::size_t, Running> running_;
  std::size_t next_id_ = 0;
  std::size_t sitting_ = 0;  // runs that were done in this sitting
  bool is_cut_off_ = false;
  HuntEnd end_;
};

}  // namespace

Result<HuntEnd> run_hunt(const HuntSetup& setup, const Clock& clock) {
  const Fd lock = TRY(lock_folder(setup.out));
  HuntFile known = TRY(read_known(setup));
  std::error_code error;
  fs::remove_all(setup.out + "/running", error);  // of a hunt that was killed
  TRY(make_folder(setup.out + "/running"));
  ChildRuns children = TRY(ChildRuns::open());
  Hunt hunt(setup, clock, std::move(known), std::move(children));
  Result<HuntEnd> end = hunt.run();
  if (end && !end->fatal_code) fs::remove_all(setup.out + "/running", error);
  return end;
}

}  // namespace squall
