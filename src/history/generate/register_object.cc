// Registers, and a store of texts that are put and appended to.
#include <algorithm>
#include <unordered_map>

#include "history/generate/objects.h"

namespace squall {
namespace {

constexpr std::int64_t kNobody = -1;  // null

std::string json_of(std::int64_t value) {
  return value == kNobody ? "null" : std::to_string(value);
}

class Register final : public SimulatedObject {
 public:
  Register(const Params& params, FaultRates faults)
      : picker_(static_cast<std::uint64_t>(params.integer("operations")),
                static_cast<std::uint64_t>(params.integer("keys")),
                static_cast<std::uint64_t>(params.integer("keys-at-once"))),
        values_(static_cast<std::uint64_t>(params.integer("values"))),
        reads_(params.percent("reads")),
        cas_(params.percent("cas")),
        faults_(std::move(faults)) {}

  SimulatedCall choose(std::uint64_t number, std::uint32_t /*client*/, Rng& rng) override {
    SimulatedCall call;
    call.object = picker_.pick(number, rng);
    call.key = picker_.json(call.object);
    const double dice = rng.unit();
    if (dice < reads_) {
      call.f = "read";
      return call;
    }
    call.second = value(rng);
    if (dice < reads_ + cas_) {
      call.f = "cas";
      call.first = values_ == 0 ? state(call.object).now : value(rng);
      call.argument = "[" + json_of(call.first) + "," + json_of(call.second) + "]";
      return call;
    }
    call.f = "write";
    call.argument = json_of(call.second);
    return call;
  }

  SimulatedReply apply(const SimulatedCall& call, Rng& rng) override {
    State& register_state = state(call.object);
    if (call.f == "read") {
      const bool is_stale = errs(faults_, "stale-read", rng);
      return {.value = json_of(is_stale ? register_state.before : register_state.now)};
    }
    if (call.f == "cas" && register_state.now != call.first) return {.is_ok = false};
    if (errs(faults_, "lost-write", rng)) return {};
    register_state.before = register_state.now;
    register_state.now = call.second;
    return {};
  }

 private:
  struct State {
    std::int64_t now = kNobody;
    std::int64_t before = kNobody;
  };
  State& state(std::uint32_t key) { return states_[key]; }
  std::int64_t value(Rng& rng) {
    return values_ == 0 ? next_unique_++ : static_cast<std::int64_t>(rng.below(values_));
  }

  KeyPicker picker_;
  std::uint64_t values_;  // 0: none is written twice
  double reads_;
  double cas_;
  FaultRates faults_;
  std::int64_t next_unique_ = 0;
  std::unordered_map<std::uint32_t, State> states_;
};

class KeyValue final : public SimulatedObject {
 public:
  KeyValue(const Params& params, FaultRates faults)
      : keys_(static_cast<std::uint64_t>(params.integer("keys"))),
        reads_(params.percent("reads")),
        puts_(params.percent("puts")),
        faults_(std::move(faults)) {}

  SimulatedCall choose(std::uint64_t /*number*/, std::uint32_t client, Rng& rng) override {
    SimulatedCall call;
    call.object = static_cast<std::uint32_t>(rng.below(keys_));
    call.key = "\"" + std::to_string(call.object) + "\"";
    const double dice = rng.unit();
    if (dice < reads_) {
      call.f = "get";
      return call;
    }
    call.f = dice < reads_ + puts_ ? "put" : "append";
    if (client >= next_.size()) next_.resize(client + 1, 0);
    call.argument =
        "\"x " + std::to_string(client) + " " + std::to_string(next_[client]++) + " y\"";
    return call;
  }

  SimulatedReply apply(const SimulatedCall& call, Rng& rng) override {
    State& text = states_[call.object];
    if (call.f == "get") {
      const bool is_stale = errs(faults_, "stale-read", rng);
      return {.value = "\"" + (is_stale ? text.before : text.now) + "\""};
    }
    if (errs(faults_, "lost-write", rng)) return {};
    text.before = text.now;
    if (call.f == "put") text.now.clear();
    text.now.append(call.argument, 1, call.argument.size() - 2);
    return {};
  }

 private:
  struct State {
    std::string now;
    std::string before;
  };
  std::uint64_t keys_;
  double reads_;
  double puts_;
  FaultRates faults_;
  std::vector<std::uint64_t> next_;
  std::unordered_map<std::uint32_t, State> states_;
};

}  // namespace

std::unique_ptr<SimulatedObject> make_register(const Params& params, FaultRates faults) {
  return std::make_unique<Register>(params, std::move(faults));
}

std::unique_ptr<SimulatedObject> make_kv(const Params& params, FaultRates faults) {
  return std::make_unique<KeyValue>(params, std::move(faults));
}

}  // namespace squall
