// slo: latency, availability and goodput keep to their bounds in the phases of a run.
#include <algorithm>

#include "base/pattern.h"
#include "checker/explain.h"
#include "checker/rows.h"
#include "checker/selection.h"
#include "checker/slo_words.h"

namespace squall {
namespace {

constexpr std::size_t kMaxOperationsShown = 3;

// Everything about one check that its parts share.
struct Judging {
  const CheckInput& input;
  const SloPromise& promise;
  const SloSamples& samples;
  Phases phases;
  bool is_recovery_judged = false;
  std::vector<SloTest> tests{};
  std::vector<Witness> witnesses{};
  std::vector<std::string> undecided{};
  std::string baseline{};  // why the stack misses its SLO unfaulted
};

Phases phases_of(const CheckInput& input, const SloPromise& promise, const SloSamples& samples) {
  PhaseRule rule;
  rule.load = samples.load();
  rule.window = promise.window;
  rule.windows = promise.windows;
  rule.state = [&](const TimeSpan& span) { return promise.state(samples.counts(span)); };
  rule.next = [&](std::int64_t at) { return samples.next(at); };
  return find_phases(input.recording.faults, rule);
}

std::uint64_t misses(const SloCounts& counts, SloKind kind) {
  return counts.operations - (kind == SloKind::kAvailability ? counts.answered : counts.good);
}

// The window with the most misses, of those that hold operations.
TimeSpan worst_window(const Judging& judging, const std::vector<TimeSpan>& spans, SloKind kind) {
  TimeSpan worst;
  std::uint64_t most = 0;
  for (const TimeSpan& span : spans) {
    std::int64_t at = judging.samples.next(span.from);
    while (at != kNever && at < span.to) {
      const TimeSpan window{at, std::min(shifted(at, judging.promise.window), span.to)};
      const std::uint64_t here = misses(judging.samples.counts(window), kind);
      if (here > most) {
        most = here;
        worst = window;
      }
      at = judging.samples.next(window.to);
    }
  }
  return worst;
}

std::vector<SloSample> slowest(const Judging& judging, const TimeSpan& window) {
  const auto [first, last] = judging.samples.range(window);
  std::vector<SloSample> all(judging.samples.all().begin() + static_cast<std::ptrdiff_t>(first),
                             judging.samples.all().begin() + static_cast<std::ptrdiff_t>(last));
  std::stable_sort(all.begin(), all.end(),
                   [](const SloSample& a, const SloSample& b) { return a.latency > b.latency; });
  all.resize(std::min(all.size(), kMaxOperationsShown));
  return all;
}

// Appends "; worst in 9s–10s, while cut (…) was active: operation 812 took 3.1s".
Witness with_worst(const Judging& judging, const std::string& why,
                   const std::vector<TimeSpan>& spans, SloKind kind) {
  Witness witness{{}, why};
  const TimeSpan window = worst_window(judging, spans, kind);
  const std::vector<SloSample> worst = slowest(judging, window);
  if (worst.empty()) return witness;
  for (const SloSample& sample : worst) witness.operations.push_back(sample.op);
  std::sort(witness.operations.begin(), witness.operations.end());
  const SloSample& first = worst.front();
  witness.why +=
      "; worst in " + seconds_range(window.from, window.to) +
      while_faults(judging.input.recording, window.from + 1, window.to - 1) + ": " +
      operation_name(first.op) +
      (first.latency == kNever ? " was not answered" : " took " + seconds(first.latency));
  return witness;
}

void judge_tests(Judging& judging) {
  judging.tests = test_slo(judging.promise, judging.samples, judging.phases.phases);
  for (const SloTest& test : judging.tests) {
    if (test.is_kept) continue;
    const Phase& phase = judging.phases.phases[test.phase];
    const PhaseData data = phase_data(judging.samples, phase);
    if (!test.is_broken) {
      judging.undecided.push_back(undecided_text(judging.promise, test, data));
      continue;
    }
    const std::string why = measured(judging.promise, test, data) + missed_text(test);
    if (phase.kind == PhaseKind::kBefore) judging.baseline = why;
    judging.witnesses.push_back(with_worst(judging, why, phase.spans, test.bound.kind));
  }
}

void judge_recovery(const Recovery& recovery, Judging& judging) {
  const SloPromise& promise = judging.promise;
  const std::int64_t within = promise.recover_within.value_or(0);
  const std::int64_t watched = recovery.until - recovery.heal;
  const auto in_a_row = static_cast<std::int64_t>(promise.windows) * promise.window;
  const std::string after = "after " + recovery.fault + " (" + seconds(recovery.heal) + ") ";
  const std::string bound =
      promise.recover_within ? ", the bound is " + seconds(within) : std::string();
  const TimeSpan late{std::min(shifted(recovery.heal, within), recovery.until), recovery.until};
  if (recovery.took) {
    if (!promise.recover_within || *recovery.took <= within) return;
    judging.witnesses.push_back(with_worst(
        judging,
        after + "it took " + seconds(*recovery.took) + " until the bounds were kept again" + bound,
        {{late.from, recovery.heal + *recovery.took}}, SloKind::kGoodput));
  } else if (watched >= shifted(within, in_a_row)) {
    if (recovery.is_cut_short && !promise.recover_within) return;
    judging.witnesses.push_back(with_worst(
        judging,
        after + "the bounds were never kept again for " + counted(promise.windows, "window") +
            " in a row, in " + seconds(watched) + " of load" + bound,
        {late}, SloKind::kGoodput));
  } else if (!recovery.is_cut_short) {
    judging.undecided.push_back(after + "the load went on for " + seconds(watched) +
                                ", too short to see a recovery; it takes " +
                                seconds(shifted(within, in_a_row)));
  }
}

bool is_of_the_stack(const LogLine& line) {
  return line.process != "agent" && line.process != "orchestrator" &&
         !line.process.starts_with("client ");
}

// The first line of the stack that says that it noticed.
const LogLine* noticed(const Judging& judging, const Pattern& pattern, std::int64_t from) {
  const LogLine* first = nullptr;
  for (const LogLine& line : judging.input.recording.logs) {
    if (line.at < from || (first != nullptr && line.at >= first->at)) continue;
    if (is_of_the_stack(line) && pattern.is_in(line.text)) first = &line;
  }
  return first;
}

void judge_detection(const Pattern& pattern, const Detection& detection, Judging& judging,
                     Verdict& verdict) {
  const LogLine* line = noticed(judging, pattern, detection.start);
  const std::int64_t took = line == nullptr ? kNever : line->at - detection.start;
  verdict.facts.emplace_back(
      "time to notice " + detection.fault,
      line == nullptr ? "never" : seconds(took) + " (" + line->process + ")");
  if (!judging.promise.detect_within || took <= *judging.promise.detect_within) return;
  const std::int64_t within = *judging.promise.detect_within;
  const std::string about = "the stack logged that it noticed " + detection.fault + " ";
  if (line == nullptr && shifted(detection.start, within) > judging.samples.load().to) {
    judging.undecided.push_back("the load ended before " + seconds(within) + " of " +
                                detection.fault + " had passed");
    return;
  }
  const std::string when = line == nullptr ? "never" : "after " + seconds(took);
  judging.witnesses.push_back({{}, about + when + ", the bound is " + seconds(within)});
}

void add_facts(const Judging& judging, Verdict& verdict) {
  for (const Phase& phase : judging.phases.phases) {
    const PhaseData data = phase_data(judging.samples, phase);
    if (data.in_order.empty()) continue;
    verdict.facts.emplace_back(phase.name(), phase_fact(judging.promise, judging.samples, data));
  }
  for (const Detection& detection : judging.phases.detections) {
    verdict.facts.emplace_back(
        "time to detect " + detection.fault,
        detection.took ? seconds(*detection.took) : "no window was outside the bounds");
  }
  for (const Recovery& recovery : judging.phases.recoveries) {
    verdict.facts.emplace_back("time to recover from " + recovery.fault,
                               recovery.took
                                   ? seconds(*recovery.took)
                                   : "not within " + seconds(recovery.until - recovery.heal) +
                                         (recovery.is_cut_short ? " (next fault)" : ""));
  }
  verdict.facts.emplace_back("confidence", share_text(judging.promise.confidence) + " over " +
                                               counted(judging.tests.size(), "test") + " (Holm)");
  if (judging.samples.left_out() == 0) return;
  verdict.facts.emplace_back("left out, under way at the end",
                             std::to_string(judging.samples.left_out()));
}

std::string kept_text(const Judging& judging, std::uint64_t examined) {
  std::string text = counted(examined, "operation") + " inside the bounds with " +
                     share_text(judging.promise.confidence) + " confidence";
  const auto closest = std::max_element(
      judging.tests.begin(), judging.tests.end(),
      [](const SloTest& a, const SloTest& b) { return a.p_if_broken < b.p_if_broken; });
  if (closest == judging.tests.end()) return text;
  const Phase& phase = judging.phases.phases[closest->phase];
  return text +
         "; closest: " + measured(judging.promise, *closest, phase_data(judging.samples, phase));
}

// Operations of the phases that were judged, each once.
std::uint64_t examined_in(const Judging& judging) {
  std::vector<char> is_judged(judging.samples.all().size(), 0);
  const auto mark = [&](const TimeSpan& span) {
    const auto [first, last] = judging.samples.range(span);
    std::fill(is_judged.begin() + static_cast<std::ptrdiff_t>(first),
              is_judged.begin() + static_cast<std::ptrdiff_t>(last), 1);
  };
  for (const SloTest& test : judging.tests) {
    for (const TimeSpan& span : judging.phases.phases[test.phase].spans) mark(span);
  }
  for (const Recovery& recovery : judging.phases.recoveries) {
    if (judging.is_recovery_judged) mark({recovery.heal, recovery.until});
  }
  return static_cast<std::uint64_t>(std::count(is_judged.begin(), is_judged.end(), 1));
}

Verdict answer(Judging judging, Verdict measured_so_far) {
  const std::uint64_t examined = examined_in(judging);
  Verdict verdict = conclude(examined, std::move(judging.witnesses), kept_text(judging, examined),
                             "no operation was scheduled in the phases that are judged");
  verdict.promise = Promise::kSlo;
  verdict.facts = std::move(measured_so_far.facts);
  if (!judging.baseline.empty()) {
    verdict.answer = Answer::kUnknown;
    verdict.witnesses.clear();
    verdict.invalid = "the stack misses its own SLO without a fault: " + judging.baseline;
    verdict.summary = verdict.invalid;
  } else if (verdict.answer == Answer::kValid && !judging.undecided.empty()) {
    verdict.answer = Answer::kUnknown;
    verdict.summary = judging.undecided.front();
    if (judging.undecided.size() > 1) {
      verdict.summary += " (and " + std::to_string(judging.undecided.size() - 1) + " more)";
    }
  }
  return verdict;
}

Verdict unknown(const std::string& why) {
  Verdict verdict;
  verdict.promise = Promise::kSlo;
  verdict.summary = why;
  return verdict;
}

bool is_emulated(const Recording& recording) {
  const auto arena = recording.meta.find("arena");
  return arena != recording.meta.end() && arena->second == "sealed";
}

Verdict check(const CheckInput& input) {
  const Result<SloPromise> promise = slo_promise(input.params);
  if (!promise.ok()) return unknown(promise.error().what);
  if (promise->latency && is_emulated(input.recording) && !input.params.boolean("virtual-time")) {
    return unknown(
        "an emulated processor's latencies mean nothing; 'virtual-time: true' judges them in the "
        "machine's own time");
  }
  const SloSamples samples(input.recording, input.params.text("client"), promise->latency);
  if (samples.all().empty()) return unknown("no operation was scheduled");
  const bool is_recovery_judged =
      promise->recover_within || promise->holds_in(PhaseKind::kRecovered);
  Judging judging{input, promise.value(), samples, phases_of(input, promise.value(), samples),
                  is_recovery_judged};
  judge_tests(judging);
  if (is_recovery_judged) {
    for (const Recovery& recovery : judging.phases.recoveries) judge_recovery(recovery, judging);
  }
  Verdict measured_so_far;
  add_facts(judging, measured_so_far);
  if (!promise->detect_pattern.empty()) {
    const Result<Pattern> pattern = Pattern::compile(promise->detect_pattern);
    for (const Detection& detection : judging.phases.detections) {
      judge_detection(pattern.value(), detection, judging, measured_so_far);
    }
  }
  return answer(std::move(judging), std::move(measured_so_far));
}

Result<> validate(const Params& params) {
  const Result<SloPromise> promise = slo_promise(params);
  return promise.ok() ? Result<>() : promise.error();
}

}  // namespace

const CheckerRow& slo_row() {
  static const CheckerRow kRow{
      "slo",
      "latency, availability and goodput keep to their bounds in each phase of a run",
      "Latency counts from when an operation was scheduled. One that failed, was not sent because "
      "too many were in flight, or was never answered is infinitely late; the negative answer of a "
      "working system is an answer. Phases: before (until the first fault, from the start of the "
      "timeline), during (each fault by itself), after (from the end of the faults until 'windows' "
      "windows in a row are inside the bounds) and recovered (from then to the next fault); a kill "
      "is an instant and has no during; a run without faults is one phase, in which the bounds "
      "hold. A window is inside if its operations, as they are, keep to every bound. If "
      "'recovered' "
      "is judged, or 'recover-within' is given, a stack that never recovers is a violation; times "
      "to recover and to detect (the end of the first window outside) are in whole windows. In a "
      "phase a bound is broken or kept only if the sample proves it with 'confidence': an exact "
      "binomial test (Student's t for goodput-rate) on as many independent operations as the "
      "sample is worth, given how its misses cluster; otherwise the answer is unknown and says how "
      "many operations would decide. Without a miss nothing shows how they cluster, and a bound of "
      "100% speaks of the sample only. Several phases and bounds have Holm's correction. A bound "
      "that is broken before the first fault makes the run invalid. O(n log n).",
      slo_params(),
      check,
      validate};
  return kRow;
}

}  // namespace squall
