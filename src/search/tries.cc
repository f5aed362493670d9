// Several runs of one scenario.
#include "search/tries.h"

#include <algorithm>
#include <filesystem>

#include "search/run_reading.h"

namespace squall {
namespace {

constexpr Duration kTick = std::chrono::seconds(1);

bool is_decided(const TryRequest& request, const TryResult& result) {
  if (result.is_interrupted || result.fatal_code) return true;
  if (!request.is_hasty) return false;
  return result.violated >= request.enough ||
         result.violated + (request.tries - result.runs) < request.enough;
}

}  // namespace

std::string Tries::stem(std::size_t id) const {
  return setup_.folder + "/try-" + std::to_string(id + 1);
}

Result<> Tries::start(const TryRequest& request, std::size_t id) {
  for (const char* ending : {".squall", ".squall-wal", ".squall-shm"}) {
    std::error_code error;
    std::filesystem::remove(stem(id) + ending, error);  // of an earlier candidate
  }
  ChildRun run;
  run.words = {setup_.program, "run", request.scenario, "--quiet", "--out", stem(id) + ".squall"};
  if (setup_.has_perturb) {
    run.words.insert(run.words.end(), {"--perturb", std::to_string(request.perturb + id)});
  }
  run.words.insert(run.words.end(), setup_.flags.begin(), setup_.flags.end());
  run.log = stem(id) + ".log";
  run.has_own_processor = setup_.has_perturb;  // only sealed ones have
  return children_.start(id, run).in("start " + setup_.program);
}

void Tries::ended(std::size_t id, const ExitStatus& status, TryResult& result) {
  const RunReading reading = read_run(status, stem(id) + ".squall", stem(id) + ".log");
  ++result.runs;
  if (reading.is_fatal) result.fatal_code = reading.exit_code;
  const bool is_shown =
      std::any_of(reading.violations.begin(), reading.violations.end(),
                  [this](const Violation& violation) { return violation.check == setup_.check; });
  const bool is_answer =
      reading.outcome == RunOutcome::kClean || reading.outcome == RunOutcome::kViolation;
  if (!is_answer) ++result.invalid;
  if (!is_shown && !is_answer) result.last_reason = reading.reason;
  if (!is_shown) return;
  ++result.violated;
  if (result.file.empty()) result.file = stem(id) + ".squall";
}

// By hand they may heal first; otherwise nobody looks at them any more, and the kernel ends every
// lab with its run.
Result<> Tries::cut_off(bool is_by_hand) {
  if (is_by_hand) {
    children_.interrupt();
  } else {
    children_.kill();
  }
  while (children_.running() > 0) {
    const ChildRuns::Event event = TRY(children_.wait(kTick));
    if (event.kind == ChildRuns::Event::Kind::kStop) children_.kill();
  }
  return {};
}

Result<TryResult> Tries::run(const TryRequest& request,
                             const std::function<void(const TryResult&)>& show) {
  TryResult result;
  int started = 0;
  while (!is_decided(request, result)) {
    while (started < request.tries && children_.running() < static_cast<std::size_t>(setup_.jobs)) {
      TRY(start(request, static_cast<std::size_t>(started++)));
    }
    if (children_.running() == 0) break;
    const ChildRuns::Event event = TRY(children_.wait(kTick));
    if (event.kind == ChildRuns::Event::Kind::kStop) result.is_interrupted = true;
    if (event.kind == ChildRuns::Event::Kind::kEnded) ended(event.id, event.status, result);
    show(result);
  }
  TRY(cut_off(result.is_interrupted));
  return result;
}

}  // namespace squall
