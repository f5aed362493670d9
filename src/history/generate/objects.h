// Simulated objects that clients call: each call takes effect at one moment, or is answered wrongly
// as often as was asked for.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/params.h"
#include "base/result.h"
#include "base/rng.h"

namespace squall {

struct SimulatedCall {
  std::string_view f;
  std::string key{};       // JSON; "": the object has none
  std::string argument{};  // JSON; "": none, which is null
  std::uint32_t object = 0;
  std::int64_t first = 0;  // numbers that the argument was made of
  std::int64_t second = 0;
};
struct SimulatedReply {
  bool is_ok = true;    // else: it did not happen
  std::string value{};  // JSON; "": the argument again
};

// How often the object errs, by the fault's name.
using FaultRates = std::map<std::string, double, std::less<>>;

class SimulatedObject {
 public:
  virtual ~SimulatedObject() = default;
  // What a client asks for next; `number` counts all calls from 0.
  virtual SimulatedCall choose(std::uint64_t number, std::uint32_t client, Rng& rng) = 0;
  // The effect.  Called once, or never for a call whose request was lost.
  virtual SimulatedReply apply(const SimulatedCall& call, Rng& rng) = 0;
  // A last call that everybody's wait for; its f is "" where the object has none.
  virtual SimulatedCall last() { return {}; }
};

// Which key a call is for: keys are used up one after the other, `at_once` at a time.
class KeyPicker {
 public:
  KeyPicker(std::uint64_t operations, std::uint64_t keys, std::uint64_t at_once);
  [[nodiscard]] std::uint32_t pick(std::uint64_t number, Rng& rng) const;
  [[nodiscard]] std::string json(std::uint32_t key) const;  // "" where there is only one

 private:
  std::uint64_t keys_;
  std::uint64_t at_once_;
  std::uint64_t operations_each_;
};

// True as often as `rates` say.
[[nodiscard]] bool errs(const FaultRates& rates, std::string_view name, Rng& rng);
// "stale-read=1%,lost-write=0.1%": each name one of `names`, "a|b|c".
[[nodiscard]] Result<FaultRates> parse_faults(const std::string& text, std::string_view names);

[[nodiscard]] std::unique_ptr<SimulatedObject> make_register(const Params& params,
                                                             FaultRates faults);
[[nodiscard]] std::unique_ptr<SimulatedObject> make_kv(const Params& params, FaultRates faults);
[[nodiscard]] std::unique_ptr<SimulatedObject> make_set(const Params& params, FaultRates faults);
[[nodiscard]] std::unique_ptr<SimulatedObject> make_queue(const Params& params, FaultRates faults);
[[nodiscard]] std::unique_ptr<SimulatedObject> make_counter(const Params& params,
                                                            FaultRates faults);
[[nodiscard]] std::unique_ptr<SimulatedObject> make_mutex(const Params& params, FaultRates faults);
[[nodiscard]] std::unique_ptr<SimulatedObject> make_ids(const Params& params, FaultRates faults);

}  // namespace squall
