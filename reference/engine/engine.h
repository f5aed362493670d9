// What the engine does with a request: the slots of one connection.
#pragma once

#include <map>

#include "base/time.h"
#include "reference/engine/frame.h"
#include "reference/engine/network.h"

namespace squall::reference {

inline constexpr std::size_t kMaxSlots = 64;

// Not thread-safe.
class Engine {
 public:
  explicit Engine(const Clock& clock) : clock_(clock) {}
  // Every request has an answer; what is wrong with it is a kFailed.
  [[nodiscard]] Frame answer(const Frame& request);

 private:
  [[nodiscard]] Result<Frame> try_answer(const Frame& request);
  [[nodiscard]] Result<> load(const LoadBody& body);
  [[nodiscard]] Result<InferredBody> infer(const InferBody& body);

  const Clock& clock_;
  std::map<std::uint32_t, Network> networks_{};
};

}  // namespace squall::reference
