// Checks a call against the model, hands it over, and tells what became of it.
#include "reference/server/inference_service.h"

#include <utility>

#include "base/nearest.h"

namespace squall::reference::server {
namespace {

constexpr std::int64_t kLogLinesPerSecond = 50;

Failure invalid(const std::string& what) {
  return Failure{FailureKind::kInvalid, what};
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) {
    if (text.size() > 1) text += ", ";
    text += size < 0 ? "any" : std::to_string(size);
  }
  return text + "]";
}

// What is wrong with an input, or "".
std::string problem_of(const InputTensor& input, const TensorSignature& wanted,
                       std::size_t max_batch) {
  if (input.name != wanted.name) {
    return "unknown input '" + input.name + "'" + suggestion(input.name, {wanted.name});
  }
  if (input.datatype != wanted.datatype) {
    return "input '" + input.name + "' has datatype " + input.datatype + ", the model takes " +
           wanted.datatype;
  }
  const bool is_right = input.shape.size() == 2 && input.shape[1] == wanted.shape[1];
  if (!is_right || input.shape[0] < 1) {
    return "input '" + input.name + "' has shape " + shape_text(input.shape) +
           ", the model takes " + shape_text(wanted.shape);
  }
  if (input.shape[0] > static_cast<std::int64_t>(max_batch)) {
    return "a batch of " + std::to_string(input.shape[0]) + " rows; the limit is " +
           std::to_string(max_batch);
  }
  return {};
}

std::string problem_of_outputs(const std::vector<std::string>& outputs,
                               const ModelSignature& signature) {
  const std::string& known = signature.outputs.front().name;
  for (const std::string& output : outputs) {
    if (output != known) return "unknown output '" + output + "'" + suggestion(output, {known});
  }
  return {};
}

std::string_view kind_text(FailureKind kind) {
  switch (kind) {
    case FailureKind::kInvalid:
      return "invalid";
    case FailureKind::kNotFound:
      return "not found";
    case FailureKind::kUnsupported:
      return "unsupported";
    case FailureKind::kUnavailable:
      return "unavailable";
    case FailureKind::kDeadline:
      return "deadline";
    case FailureKind::kInternal:
      return "internal";
  }
  return "";
}

}  // namespace

InferenceService::InferenceService(const Clock& clock, Log& log, const ModelStore& store,
                                   const EngineClient& engine, ServicePlan plan)
    : clock_(clock),
      log_(log),
      store_(store),
      engine_(engine),
      plan_(std::move(plan)),
      budget_(kLogLinesPerSecond) {}

void InferenceService::when_idle(std::function<void()> idle) {
  if (pending_ == 0) return idle();
  on_idle_ = std::move(idle);
}

void InferenceService::on_store_change() {
  was_ready_ = was_ready_ || (store_.is_settled() && store_.is_all_ready());
}

// In kProcess the word of a replica whose engine hangs, or died, stays good: that is the mode.
bool InferenceService::is_serving() const {
  if (is_draining_ || !was_ready_) return false;
  return plan_.health == HealthMode::kProcess || engine_.makes_progress();
}

bool InferenceService::is_ready() const {
  return is_serving() && (plan_.health == HealthMode::kProcess || store_.is_all_ready());
}

Outcome<bool> InferenceService::is_model_ready(const std::string& model,
                                               const std::string& version) const {
  const Outcome<bool> known = store_.is_ready(model, version);
  if (std::holds_alternative<Failure>(known)) return known;
  const bool is_loaded = plan_.health == HealthMode::kProcess || *std::get_if<bool>(&known);
  return is_serving() && is_loaded;
}

Outcome<ModelMetadata> InferenceService::metadata(const std::string& model,
                                                  const std::string& version) const {
  const Outcome<std::shared_ptr<ServedVersion>> found = store_.find(model, version);
  if (const auto* const failure = std::get_if<Failure>(&found)) return *failure;
  const ServedVersion& served = **std::get_if<std::shared_ptr<ServedVersion>>(&found);
  return ModelMetadata{
      .name = model, .versions = store_.ready()[model], .signature = served.plan().signature};
}

Outcome<InferenceService::Admitted> InferenceService::admit(InferCall& call) const {
  if (is_refusing_) return Failure{FailureKind::kUnavailable, "the server is draining"};
  if (call.time_left && *call.time_left <= Duration(0)) {
    return Failure{FailureKind::kDeadline, "the request's deadline has passed"};
  }
  const Outcome<std::shared_ptr<ServedVersion>> found = store_.find(call.model, call.version);
  if (const auto* const failure = std::get_if<Failure>(&found)) return *failure;
  Admitted admitted{.version = *std::get_if<std::shared_ptr<ServedVersion>>(&found)};
  const ModelSignature& signature = admitted.version->plan().signature;
  if (call.inputs.size() != 1) {
    return invalid(std::to_string(call.inputs.size()) + " inputs; the model takes 1: '" +
                   signature.inputs.front().name + "'");
  }
  InputTensor& input = call.inputs.front();
  std::string problem = problem_of(input, signature.inputs.front(), plan_.max_batch);
  if (problem.empty()) problem = problem_of_outputs(call.outputs, signature);
  if (!problem.empty()) return invalid(problem);
  admitted.matrix = Matrix{.rows = static_cast<std::uint32_t>(input.shape[0]),
                           .columns = static_cast<std::uint32_t>(input.shape[1]),
                           .values = std::move(input.values)};
  return admitted;
}

void InferenceService::infer(InferCall call, InferDone done) {
  const MonoTime arrival = clock_.mono();
  Outcome<Admitted> outcome = admit(call);
  if (const auto* const failure = std::get_if<Failure>(&outcome)) {
    tell(call, arrival, *failure);
    return done(*failure);
  }
  Admitted& admitted = *std::get_if<Admitted>(&outcome);
  std::optional<MonoTime> deadline;
  if (call.time_left) deadline = arrival + *call.time_left;
  ++pending_;
  const auto version = admitted.version;
  call.version = std::to_string(version->plan().version);
  version->infer(std::move(admitted.matrix), deadline,
                 [this, call = std::move(call), arrival, done = std::move(done),
                  output = version->plan().signature.outputs.front().name](Outcome<Matrix> result) {
                   --pending_;
                   Outcome<InferAnswer> answer = Failure{};
                   if (auto* const failure = std::get_if<Failure>(&result)) {
                     answer = std::move(*failure);
                   } else {
                     answer = InferAnswer{.version = call.version,
                                          .output = output,
                                          .matrix = std::move(*std::get_if<Matrix>(&result))};
                   }
                   tell(call, arrival, answer);
                   done(std::move(answer));
                   if (pending_ == 0 && on_idle_) std::exchange(on_idle_, nullptr)();
                 });
}

void InferenceService::tell(const InferCall& call, MonoTime arrival,
                            const Outcome<InferAnswer>& outcome) {
  if (plan_.log == RequestLog::kNone) return;
  const MonoTime now = clock_.mono();
  const auto* const failure = std::get_if<Failure>(&outcome);
  const bool is_worth_it = failure != nullptr || now - arrival > plan_.slow;
  if (plan_.log == RequestLog::kFailures && (!is_worth_it || !budget_.spend(now))) return;
  const std::int64_t dropped = budget_.take_dropped();
  if (dropped > 0) log_.warning("request lines dropped", {{"count", dropped}});
  log_.write(failure != nullptr ? LogLevel::kWarning : LogLevel::kInfo,
             failure != nullptr ? "request failed" : "request",
             {{"trace_id", call.trace.trace_id},
              {"span_id", call.trace.span_id},
              {"request_id", call.request_id},
              {"model", call.model},
              {"model_version", call.version},
              {"kind", failure != nullptr ? kind_text(failure->kind) : std::string_view()},
              {"cause", failure != nullptr ? std::string_view(failure->what) : std::string_view()},
              {"duration_us", (now - arrival).count() / 1000}});
}

}  // namespace squall::reference::server
