// Recording one operation at a time.
#include "workload/workload_process.h"

#include <unistd.h>

#include <algorithm>

#include "history/history.h"

namespace squall {
namespace {

constexpr std::int64_t kValuesPerProcess = 10'000'000;
constexpr std::int64_t kProcessesPerGeneration = 1'000'000;

}  // namespace

Answer ok(std::string value) {
  return {.kind = RecordedEvent::Kind::kOk, .value = std::move(value)};
}

Answer fail(std::string error) {
  return {.kind = RecordedEvent::Kind::kFail, .error = std::move(error)};
}

Answer info(std::string error) {
  return {.kind = RecordedEvent::Kind::kInfo, .error = std::move(error)};
}

Answer negative(std::string_view error) {
  return fail(std::string(kNegativeAnswer) + std::string(error));
}

Answer no_answer(const Error& error, const ExchangeTimes& times, HasEffect effect) {
  const bool is_harmless = !times.is_sent() || effect == HasEffect::kFalse;
  Answer answer = is_harmless ? fail(error.what) : info(error.what);
  answer.first_byte = times.first_byte;
  return answer;
}

ProcessContext::ProcessContext(const ClientConfig& config, const Params& params,
                               RecorderWriter& recorder, std::int64_t process)
    : config_(config),
      params_(params),
      recorder_(recorder),
      process_(process),
      rng_(Rng(config.seed).split(config.name + "#" + std::to_string(process))) {}

Answer ProcessContext::perform(std::string_view function, std::string_view key,
                               std::string_view argument,
                               const std::function<Answer()>& operation) {
  const std::int64_t sent = system_clock().mono().ns();
  recorder_.record({.kind = RecordedEvent::Kind::kInvoke,
                    .process = process_,
                    .at = sent,
                    .scheduled = sent,
                    .function = function,
                    .key = key,
                    .value = argument});
  Answer answer = operation();
  recorder_.record({.kind = answer.kind,
                    .process = process_,
                    .at = system_clock().mono().ns(),
                    .first_byte = answer.first_byte.ns(),
                    .function = function,
                    .key = key,
                    .value = answer.value,
                    .error = answer.error});
  return answer;
}

std::int64_t ProcessContext::unique_value() {
  const std::int64_t generation = recorder_.generation() - 1;
  return (generation * kProcessesPerGeneration + process_) * kValuesPerProcess + ++values_;
}

bool ProcessContext::pause(Duration length, ClientCommand during) const {
  return recorder_.wait_command(during, length) == during;
}

MonoTime ProcessContext::deadline() const {
  return system_clock().mono() + params_.duration("timeout");
}

Result<std::int64_t> integer_in(const Params& params, std::string_view name, std::int64_t least,
                                std::int64_t most) {
  const std::int64_t value = params.integer(name);
  if (value >= least && value <= most) return value;
  return Error{Errc::kInvalid, "'" + std::string(name) + "' is " + std::to_string(value) +
                                   ", not from " + std::to_string(least) + " to " +
                                   std::to_string(most)};
}

Result<std::uint16_t> port_of(const Params& params, std::string_view name) {
  return static_cast<std::uint16_t>(TRY(integer_in(params, name, 1, 65'535)));
}

void ProcessContext::log(const std::string& line) const {
  std::string text = line;
  std::replace(text.begin(), text.end(), '\n', ' ');
  text += '\n';
  // One write, so that lines of several processes do not mix.  Nothing to do where it fails: nobody
  // reads.
  if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) return;
}

}  // namespace squall
