// The shrink's shell: folders, runs, state.  ShrinkMachine decides.
#include "search/shrink.h"

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "scenarios/schedule.h"
#include "search/folder_lock.h"
#include "search/hunt_text.h"
#include "search/shrink_file.h"
#include "search/shrink_machine.h"
#include "search/tries.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

// Fresh perturbation seeds for the rate: none of the candidates' own.
constexpr std::uint64_t kFreshPerturb = 1'000'000;
// The original gets more tries than a candidate: everything rests on it.
constexpr int kConfirmTimes = 2;

Result<ShrinkFile> read_known(const ShrinkSetup& setup) {
  ShrinkFile fresh;
  fresh.identity = setup.identity;
  fresh.check = setup.scope.check.to_text();
  const std::string path = setup.out + "/shrink.json";
  if (setup.is_fresh || !fs::exists(path)) return fresh;
  const std::string way_out = "; --fresh starts over, --out chooses another folder";
  Result<ShrinkFile> known = parse_shrink_file(TRY(read_file(path)));
  if (!known) return Error{Errc::kInvalid, path + ": " + known.error().what + way_out};
  if (known->identity == setup.identity) return known;
  return Error{Errc::kInvalid, "'" + setup.out + "' holds another shrink: of another run file, " +
                                   "check or arena, or by other programs" + way_out};
}

class Shrink {
 public:
  Shrink(const ShrinkSetup& setup, const Clock& clock, ShrinkFile file, Tries tries)
      : setup_(setup),
        clock_(clock),
        file_(std::move(file)),
        machine_(setup.original, setup.scope, setup.vocabulary, file_.known),
        tries_(std::move(tries)),
        began_(clock.mono()),
        seconds_before_(file_.seconds) {}

  Result<ShrinkEnd> run() {
    if (!file_.known.empty()) {
      setup_.say(std::to_string(file_.known.size()) + " candidates are known from before");
    }
    TRY(confirm());
    if (end_.is_confirmed && !is_cut_off()) TRY(shrink());
    if (end_.is_confirmed && !is_cut_off()) TRY(measure());
    finish();
    if (end_.is_confirmed) TRY(write_best());
    TRY(save());
    return end_;
  }

 private:
  [[nodiscard]] bool is_cut_off() const { return end_.is_interrupted || end_.fatal_code; }
  [[nodiscard]] std::string path(const std::string& name) const { return setup_.out + "/" + name; }
  [[nodiscard]] int left_for_candidates() const {
    return setup_.budget - setup_.measure - file_.runs;
  }

  // The scenario as it was recorded still violates the check.
  Result<> confirm() {
    end_.is_confirmed = file_.is_confirmed;
    if (end_.is_confirmed) return {};
    const TryResult result = TRY(try_it(to_yaml(machine_.best()), "the original",
                                        setup_.tries * kConfirmTimes, base_perturb()));
    if (result.fatal_code) {
      return Error{Errc::kInvalid, "the recorded scenario does not run: " + result.last_reason};
    }
    end_.why_not = result.last_reason.empty() ? "every run was clean" : result.last_reason;
    end_.is_confirmed = file_.is_confirmed = result.violated >= setup_.enough;
    if (end_.is_confirmed) TRY(accept(result));
    return {};
  }

  Result<> shrink() {
    while (const ShrinkCandidate* candidate = machine_.next()) {
      if (left_for_candidates() <= 0) return {};
      const TryResult result =
          TRY(try_it(candidate->text, candidate->change,
                     std::min(setup_.tries, left_for_candidates()), base_perturb()));
      if (result.is_interrupted) return {};
      if (result.fatal_code == kDirty) {
        end_.fatal_code = result.fatal_code;
        return {};
      }
      const bool is_shown = result.violated >= setup_.enough;
      setup_.say((is_shown ? "yes  " : "no   ") + candidate->change + " (" +
                 std::to_string(result.violated) + " of " + std::to_string(result.runs) + ")");
      machine_.on(is_shown);
      if (is_shown) TRY(accept(result));
      TRY(save());
    }
    end_.is_minimal = true;
    return {};
  }

  Result<> measure() {
    TryRequest request{path("shrunk.yaml"), setup_.measure, setup_.measure, kFreshPerturb, false};
    const TryResult result = TRY(tries_.run(request, [this](const TryResult& now) {
      setup_.show("measuring: " + std::to_string(now.violated) + " of " + std::to_string(now.runs) +
                  " violated it");
    }));
    count(result);
    end_.measured = result.runs;
    end_.violated = result.violated;
    return {};
  }

  Result<TryResult> try_it(const std::string& text, const std::string& what, int tries,
                           std::uint64_t perturb) {
    TRY(write_file(path("running/candidate.yaml"), text));
    const TryRequest request{path("running/candidate.yaml"), tries, setup_.enough, perturb, true};
    const TryResult result = TRY(tries_.run(request, [&](const TryResult& now) {
      setup_.show("run " + std::to_string(file_.runs + now.runs + 1) + " of at most " +
                  std::to_string(setup_.budget) + " | " + size_text(machine_.best()) +
                  " | trying " + what);
    }));
    count(result);
    return result;
  }

  void count(const TryResult& result) {
    file_.runs += result.runs;
    end_.is_interrupted |= result.is_interrupted;
  }

  // What is best now, and a run of it, stay whatever happens next.
  Result<> accept(const TryResult& result) {
    std::error_code error;
    fs::rename(result.file, path("shrunk.squall"), error);
    if (error) return Error{Errc::kIo, result.file + ": " + error.message()};
    return write_best();
  }

  Result<> write_best() {
    finish();
    return write_file_durably(path("shrunk.yaml"), shrunk_yaml(setup_, end_));
  }

  void finish() {
    end_.best = machine_.best();
    end_.changes = machine_.changes();
    end_.runs = file_.runs;
    file_.seconds = seconds_before_ + std::chrono::duration<double>(clock_.mono() - began_).count();
    end_.seconds = file_.seconds;
  }

  Result<> save() {
    finish();
    file_.known = machine_.known();
    return write_file_durably(path("shrink.json"), to_json(file_));
  }

  [[nodiscard]] std::uint64_t base_perturb() const { return setup_.perturb.value_or(0); }

  static constexpr int kDirty = 6;  // judge.h

  const ShrinkSetup& setup_;
  const Clock& clock_;
  ShrinkFile file_;
  ShrinkMachine machine_;
  Tries tries_;
  MonoTime began_;
  double seconds_before_;
  ShrinkEnd end_;
};

}  // namespace

Result<ShrinkEnd> run_shrink(const ShrinkSetup& setup, const Clock& clock) {
  const Fd lock = TRY(lock_folder(setup.out));
  ShrinkFile known = TRY(read_known(setup));
  std::error_code error;
  fs::remove_all(setup.out + "/running", error);  // of a shrink that was killed
  TRY(make_folder(setup.out + "/running"));
  TrySetup tries;
  tries.program = setup.program;
  tries.flags = setup.flags;
  tries.check = setup.scope.check.to_text();
  tries.folder = setup.out + "/running";
  tries.jobs = setup.jobs;
  tries.has_perturb = setup.perturb.has_value();
  ChildRuns children = TRY(ChildRuns::open());
  Shrink shrink(setup, clock, std::move(known), Tries(std::move(tries), std::move(children)));
  Result<ShrinkEnd> end = shrink.run();
  if (end) fs::remove_all(setup.out + "/running", error);
  return end;
}

}  // namespace squall
