// An endless stream of events of closed-loop clients on one register, made as it is needed.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "base/rng.h"
#include "checker/register_stream.h"

namespace squall::bench {

class StreamWorkload {
 public:
  enum class Kind : std::uint8_t { kInvoke, kOk };
  struct Event {
    Kind kind = Kind::kInvoke;
    StreamEvent what;
  };

  StreamWorkload(std::uint64_t clients, std::uint64_t seed) : rng_(seed), clients_(clients) {
    for (std::uint64_t i = 0; i < clients; ++i) push(i, Step::kCall, draw(100));
  }

  Event next() {
    for (;;) {
      const Due due = due_.top();
      due_.pop();
      Client& client = clients_[due.client];
      client.event.at = due.at;
      client.event.process = due.client;
      if (due.step == Step::kEffect) {
        take_effect(client);
        push(due.client, Step::kReturn, due.at + draw(500));
        continue;
      }
      if (due.step == Step::kReturn) {
        push(due.client, Step::kCall, due.at + 1 + draw(100));
        return {Kind::kOk, client.event};
      }
      client.event.call = rng_.below(2) == 0 ? StreamCall::kRead : StreamCall::kWrite;
      client.event.value = client.event.call == StreamCall::kWrite ? ++last_ : 0;
      push(due.client, Step::kEffect, due.at + draw(500));
      return {Kind::kInvoke, client.event};
    }
  }

 private:
  // At one instant calls come first, then effects, then returns.
  enum class Step : std::uint8_t { kCall, kEffect, kReturn };
  struct Client {
    StreamEvent event;
  };
  struct Due {
    std::int64_t at = 0;
    Step step = Step::kCall;
    std::uint64_t client = 0;
    friend auto operator<=>(const Due&, const Due&) = default;
  };

  std::int64_t draw(std::uint64_t bound) { return static_cast<std::int64_t>(rng_.below(bound)); }
  void push(std::uint64_t client, Step step, std::int64_t at) { due_.push({at, step, client}); }
  void take_effect(Client& client) {
    if (client.event.call == StreamCall::kWrite) state_ = client.event.value;
    if (client.event.call == StreamCall::kRead) client.event.value = state_;
  }

  Rng rng_;
  std::vector<Client> clients_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::int64_t state_ = 0;
  std::int64_t last_ = 0;
};

}  // namespace squall::bench
