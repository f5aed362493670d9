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
  // Every batch takes at least `service_time`, as on an accelerator that is busy with it: so a
  // stack's capacity can be told, whatever the machine.
  explicit Engine(const Clock& clock, Duration service_time = Duration{0})
      : clock_(clock), service_time_(service_time) {}
  // Every request has an answer; what is wrong with it is a kFailed.
  [[nodiscard]] Frame answer(const Frame& request);

 private:
  [[nodiscard]] Result<Frame> try_answer(const Frame& request);
  [[nodiscard]] Result<> load(const LoadBody& body);
  [[nodiscard]] Result<InferredBody> infer(const InferBody& body);

  const Clock& clock_;
  Duration service_time_;
  std::map<std::uint32_t, Network> networks_{};
};

}  // namespace squall::reference
