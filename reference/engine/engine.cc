// Requests to answers.
#include "reference/engine/engine.h"

#include <poll.h>

#include <utility>

namespace squall::reference {
namespace {

// poll() waits whole milliseconds and never less, so this rounds up; over already: not at all.
void be_busy_until(const Clock& clock, MonoTime end) {
  const Duration left = end - clock.mono();
  if (left <= Duration{0}) return;
  (void)::poll(nullptr, 0,
               static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

}  // namespace

Frame Engine::answer(const Frame& request) {
  Result<Frame> result = try_answer(request);
  Frame frame = result.ok()
                    ? std::move(result).value()
                    : Frame{.type = FrameType::kFailed, .body = write_failed(result.error())};
  frame.id = request.id;
  return frame;
}

Result<Frame> Engine::try_answer(const Frame& request) {
  switch (request.type) {
    case FrameType::kPing:
      return Frame{.type = FrameType::kPong};
    case FrameType::kLoad: {
      const LoadBody body = TRY(read_load(request.body));
      (void)TRY(load(body));
      return Frame{.type = FrameType::kLoaded};
    }
    case FrameType::kUnload:
      networks_.erase(TRY(read_slot(request.body)));
      return Frame{.type = FrameType::kUnloaded};
    case FrameType::kInfer: {
      const InferBody body = TRY(read_infer(request.body));
      const InferredBody inferred = TRY(infer(body));
      return Frame{.type = FrameType::kInferred, .body = write_inferred(inferred)};
    }
    default:
      return Error{Errc::kInvalid, "an answer where a request belongs"};
  }
}

// What the slot held is kept until the new model is loaded.
Result<> Engine::load(const LoadBody& body) {
  if (networks_.size() >= kMaxSlots && networks_.find(body.slot) == networks_.end()) {
    return Error{Errc::kInvalid,
                 "more than kMaxSlots = " + std::to_string(kMaxSlots) + " models are loaded"};
  }
  Network network = TRY(Network::load(body.onnx));
  networks_.insert_or_assign(body.slot, std::move(network));
  return {};
}

Result<InferredBody> Engine::infer(const InferBody& body) {
  const auto at = networks_.find(body.slot);
  if (at == networks_.end()) {
    return Error{Errc::kNotFound, "nothing is loaded in slot " + std::to_string(body.slot)};
  }
  const MonoTime start = clock_.mono();
  Matrix matrix = TRY(at->second.infer(body.matrix));
  be_busy_until(clock_, start + service_time_);
  return InferredBody{.computing = clock_.mono() - start, .matrix = std::move(matrix)};
}

}  // namespace squall::reference
