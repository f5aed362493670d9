// Building histories of an open loop.
#include "tests/checker/load_text.h"

namespace squall::test {

std::function<std::int64_t(std::int64_t)> all_take(std::int64_t ms) {
  return [ms](std::int64_t) { return ms; };
}

std::function<std::int64_t(std::int64_t)> every(std::int64_t period, std::int64_t ms) {
  return [=](std::int64_t n) { return n % period == 0 ? -1 : ms; };
}

Recording loaded(const std::vector<Load>& stretches, std::vector<FaultInterval> faults) {
  Recording recording;
  History& history = recording.history;
  Process process;
  process.client = "load";
  const ProcessIndex index = history.add_process(process);
  const FunctionId infer = history.functions().intern("infer");
  for (const Load& load : stretches) {
    const std::int64_t count = (load.to - load.from) * load.per_second / 1000;
    for (std::int64_t n = 0; n < count; ++n) {
      Operation op;
      op.process = index;
      op.function = infer;
      op.scheduled = load.from * kMs + n * 1000 * kMs / load.per_second;
      op.sent = op.scheduled;
      const std::int64_t latency = load.latency(n);
      op.outcome = latency < 0 ? Outcome::kFail : latency == kNever ? Outcome::kInfo : Outcome::kOk;
      if (latency != kNever) op.completed = op.sent + std::max<std::int64_t>(latency, 1) * kMs;
      history.append(op, latency < 0 ? "connection refused" : "");
    }
  }
  history.sort_by_sent();
  recording.faults = std::move(faults);
  return recording;
}

FaultInterval event(const std::string& id, const std::string& kind, std::int64_t at) {
  FaultInterval interval = fault(id, kind, "m1", at, at);
  interval.is_event = true;
  interval.ending = "happened";
  return interval;
}

std::string fact(const Verdict& verdict, const std::string& name) {
  for (const auto& [key, value] : verdict.facts) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace squall::test
