// A client asks, its call takes effect, it is answered; one that is not answered in time may have
// taken effect, may do so later, or never.
#include "history/generate/object_workload.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "history/generate/event_writer.h"
#include "history/generate/moments.h"
#include "history/history.h"

namespace squall {
namespace {

enum class Stage : std::uint8_t { kIdle, kAsked, kAnswered };

struct Client {
  std::int64_t process = 0;
  Stage stage = Stage::kIdle;
  bool is_unanswered = false;
  SimulatedCall call;
  SimulatedReply reply;
};

class Simulation {
 public:
  Simulation(const Params& params, SimulatedObject& object, const TextSink& sink)
      : object_(object),
        writer_(sink),
        rng_(static_cast<std::uint64_t>(params.integer("seed"))),
        operations_(static_cast<std::uint64_t>(params.integer("operations"))),
        info_rate_(params.percent("info-rate")),
        fail_rate_(params.percent("fail-rate")),
        clients_(static_cast<std::size_t>(params.integer("clients"))) {}

  Result<> run() {
    for (std::uint32_t who = 0; who < clients_.size(); ++who) {
      clients_[who].process = who;
      moments_.plan(static_cast<std::int64_t>(rng_.below(kThinkMax)), who);
    }
    while (!moments_.is_empty()) {
      const Moment moment = moments_.next();
      now_ = moment.at;
      if (moment.who >= clients_.size()) {
        apply_late(moment.who);
      } else {
        TRY(step(moment.who));
      }
    }
    TRY(ask_last());
    return writer_.flush();
  }

 private:
  Result<> step(std::uint32_t who) {
    Client& client = clients_[who];
    switch (client.stage) {
      case Stage::kIdle:
        return ask(who, client);
      case Stage::kAsked:
        take_effect(who, client);
        return {};
      case Stage::kAnswered:
        return answer(who, client);
    }
    return {};
  }

  [[nodiscard]] std::int64_t after(std::uint64_t least, std::uint64_t most) {
    return now_ + static_cast<std::int64_t>(least + rng_.below(most - least));
  }

  Result<> write(const Client& client, std::string_view kind, std::string_view value,
                 std::string_view error = {}) {
    return writer_.write({.process = client.process,
                          .kind = kind,
                          .f = client.call.f,
                          .key = client.call.key,
                          .value = value.empty() ? "null" : value,
                          .error = error,
                          .at = now_});
  }

  Result<> ask(std::uint32_t who, Client& client) {
    if (asked_ == operations_) return {};
    client.call = object_.choose(asked_++, who, rng_);
    client.stage = Stage::kAsked;
    client.is_unanswered = rng_.unit() < info_rate_;
    moments_.plan(after(kStepMin, kStepMax), who);
    return write(client, "invoke", client.call.argument);
  }

  void take_effect(std::uint32_t who, Client& client) {
    client.stage = Stage::kAnswered;
    moments_.plan(after(kStepMin, kStepMax), who);
    if (!client.is_unanswered) {
      client.reply = rng_.unit() < fail_rate_ ? SimulatedReply{.is_ok = false}
                                              : object_.apply(client.call, rng_);
      return;
    }
    const std::uint64_t fate = rng_.below(4);
    if (fate < 2) (void)object_.apply(client.call, rng_);  // nobody hears its reply
    if (fate != 2) return;
    const auto late = static_cast<std::uint32_t>(clients_.size() + late_.size());
    late_.push_back(client.call);
    moments_.plan(after(kStepMax, 20 * kStepMax), late);
  }

  void apply_late(std::uint32_t who) {
    (void)object_.apply(late_[who - clients_.size()], rng_);
    late_[who - clients_.size()] = {};
  }

  Result<> answer(std::uint32_t who, Client& client) {
    client.stage = Stage::kIdle;
    moments_.plan(after(0, kThinkMax), who);
    const std::string& argument = client.call.argument;
    if (client.is_unanswered) {
      TRY(write(client, "info", argument, "timed out"));
      client.process += static_cast<std::int64_t>(clients_.size());
      return {};
    }
    if (!client.reply.is_ok) return write(client, "fail", argument);
    return write(client, "ok", client.reply.value.empty() ? argument : client.reply.value);
  }

  Result<> ask_last() {
    Client& client = clients_.front();
    client.call = object_.last();
    if (client.call.f.empty()) return {};
    now_ += static_cast<std::int64_t>(kStepMax);
    TRY(write(client, "invoke", client.call.argument));
    client.reply = object_.apply(client.call, rng_);
    now_ += static_cast<std::int64_t>(kStepMax);
    return write(client, "ok", client.reply.value);
  }

  SimulatedObject& object_;
  EventWriter writer_;
  Rng rng_;
  std::uint64_t operations_;
  double info_rate_;
  double fail_rate_;
  std::vector<Client> clients_;
  Moments moments_;
  std::int64_t now_ = 0;
  std::uint64_t asked_ = 0;
  std::vector<SimulatedCall> late_;  // calls that take effect after their client gave up
};

}  // namespace

Result<> check_processes(const Params& params) {
  const auto clients = static_cast<double>(params.integer("clients"));
  const double processes =
      clients + static_cast<double>(params.integer("operations")) * params.percent("info-rate");
  // A tenth is left for chance.
  if (processes < 0.9 * static_cast<double>(kMaxProcesses)) return {};
  return Error{Errc::kInvalid, "every info uses up a process, and a history holds " +
                                   std::to_string(kMaxProcesses) +
                                   " of them: lower 'info-rate', 'operations' or 'clients'"};
}

Result<> generate_calls(const Params& params, SimulatedObject& object, const TextSink& sink) {
  TRY(check_processes(params));
  return Simulation(params, object, sink).run();
}

}  // namespace squall
