// Sets, queues, counters, locks and makers of ids.
#include <algorithm>
#include <deque>
#include <vector>

#include "history/generate/objects.h"

namespace squall {
namespace {

class Set final : public SimulatedObject {
 public:
  Set(const Params& params, FaultRates faults)
      : reads_(params.percent("reads")), faults_(std::move(faults)) {}

  SimulatedCall choose(std::uint64_t /*number*/, std::uint32_t /*client*/, Rng& rng) override {
    SimulatedCall call;
    if (rng.unit() < reads_) {
      call.f = "read";
      return call;
    }
    call.f = "add";
    call.first = next_++;
    call.argument = std::to_string(call.first);
    return call;
  }

  SimulatedReply apply(const SimulatedCall& call, Rng& rng) override {
    if (call.f == "add") {
      if (!errs(faults_, "lost-write", rng)) elements_.push_back(call.first);
      return {};
    }
    std::size_t shown = elements_.size();
    if (errs(faults_, "stale-read", rng)) shown = static_cast<std::size_t>(rng.below(shown + 1));
    std::string list = "[";
    for (std::size_t i = 0; i < shown; ++i) {
      if (i > 0) list += ',';
      list += std::to_string(elements_[i]);
    }
    return {.value = list + "]"};
  }

  SimulatedCall last() override {
    SimulatedCall call;
    call.f = "read";
    return call;
  }

 private:
  double reads_;
  FaultRates faults_;
  std::int64_t next_ = 0;
  std::vector<std::int64_t> elements_;
};

class Queue final : public SimulatedObject {
 public:
  Queue(const Params& params, FaultRates faults)
      : enqueues_(params.percent("enqueues")), faults_(std::move(faults)) {}

  SimulatedCall choose(std::uint64_t /*number*/, std::uint32_t /*client*/, Rng& rng) override {
    SimulatedCall call;
    if (rng.unit() >= enqueues_) {
      call.f = "dequeue";
      return call;
    }
    call.f = "enqueue";
    call.first = next_++;
    call.argument = std::to_string(call.first);
    return call;
  }

  // A dequeue that finds nothing fails.
  SimulatedReply apply(const SimulatedCall& call, Rng& rng) override {
    if (call.f == "enqueue") {
      if (!errs(faults_, "lost-write", rng)) elements_.push_back(call.first);
      return {};
    }
    if (elements_.empty()) return {.is_ok = false};
    const bool is_second = elements_.size() > 1 && errs(faults_, "reorder", rng);
    const auto taken = elements_.begin() + (is_second ? 1 : 0);
    const std::string value = std::to_string(*taken);
    if (!errs(faults_, "duplicate", rng)) elements_.erase(taken);
    return {.value = value};
  }

 private:
  double enqueues_;
  FaultRates faults_;
  std::int64_t next_ = 0;
  std::deque<std::int64_t> elements_;
};

class Counter final : public SimulatedObject {
 public:
  Counter(const Params& params, FaultRates faults)
      : reads_(params.percent("reads")), faults_(std::move(faults)) {}

  SimulatedCall choose(std::uint64_t /*number*/, std::uint32_t /*client*/, Rng& rng) override {
    SimulatedCall call;
    if (rng.unit() < reads_) {
      call.f = "read";
      return call;
    }
    constexpr std::uint64_t kLargest = 5;
    call.f = "add";
    call.first = static_cast<std::int64_t>(1 + rng.below(kLargest));
    call.argument = std::to_string(call.first);
    return call;
  }

  SimulatedReply apply(const SimulatedCall& call, Rng& rng) override {
    if (call.f == "add") {
      if (!errs(faults_, "lost-write", rng)) sum_ += call.first;
      return {};
    }
    const bool is_stale = errs(faults_, "stale-read", rng);
    return {.value = std::to_string(is_stale ? sum_ / 2 : sum_)};
  }

 private:
  double reads_;
  FaultRates faults_;
  std::int64_t sum_ = 0;
};

// Each client asks for the lock and gives it back; asking for one that is held fails.
class Mutex final : public SimulatedObject {
 public:
  Mutex(const Params& /*params*/, FaultRates faults) : faults_(std::move(faults)) {}

  SimulatedCall choose(std::uint64_t /*number*/, std::uint32_t client, Rng& /*rng*/) override {
    if (client >= holds_.size()) holds_.resize(client + 1, false);
    SimulatedCall call;
    call.object = client;
    call.f = holds_[client] ? "release" : "acquire";
    return call;
  }

  SimulatedReply apply(const SimulatedCall& call, Rng& rng) override {
    if (call.f == "release") {
      holds_[call.object] = false;
      is_held_ = false;
      return {};
    }
    if (is_held_ && !errs(faults_, "held-twice", rng)) return {.is_ok = false};
    holds_[call.object] = true;
    is_held_ = true;
    return {};
  }

 private:
  FaultRates faults_;
  std::vector<bool> holds_;
  bool is_held_ = false;
};

class Ids final : public SimulatedObject {
 public:
  Ids(const Params& /*params*/, FaultRates faults) : faults_(std::move(faults)) {}

  SimulatedCall choose(std::uint64_t /*number*/, std::uint32_t /*client*/, Rng& /*rng*/) override {
    SimulatedCall call;
    call.f = "generate";
    return call;
  }

  SimulatedReply apply(const SimulatedCall& /*call*/, Rng& rng) override {
    if (next_ > 0 && errs(faults_, "duplicate", rng)) return {.value = std::to_string(next_ - 1)};
    return {.value = std::to_string(next_++)};
  }

 private:
  FaultRates faults_;
  std::int64_t next_ = 0;
};

}  // namespace

std::unique_ptr<SimulatedObject> make_set(const Params& params, FaultRates faults) {
  return std::make_unique<Set>(params, std::move(faults));
}

std::unique_ptr<SimulatedObject> make_queue(const Params& params, FaultRates faults) {
  return std::make_unique<Queue>(params, std::move(faults));
}

std::unique_ptr<SimulatedObject> make_counter(const Params& params, FaultRates faults) {
  return std::make_unique<Counter>(params, std::move(faults));
}

std::unique_ptr<SimulatedObject> make_mutex(const Params& params, FaultRates faults) {
  return std::make_unique<Mutex>(params, std::move(faults));
}

std::unique_ptr<SimulatedObject> make_ids(const Params& params, FaultRates faults) {
  return std::make_unique<Ids>(params, std::move(faults));
}

}  // namespace squall
