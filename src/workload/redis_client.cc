// The client `redis`: adds unique integers to a set, and reads the whole set now and then and at
// the end, when an acknowledged add must still be there.
#include "workload/redis_api.h"
#include "workload/redis_route.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {
    {"timeout", ParamType::kDuration, "1s", "how long an operation may take", ""},
    {"every", ParamType::kDuration, "20ms", "pause of a process between two operations", ""},
    {"read-every", ParamType::kDuration, "5s", "between two reads of the whole set; 0s: at the end",
     ""},
    {"final-within", ParamType::kDuration, "20s",
     "how long the final read waits for a settled primary", ""},
    {"discover", ParamType::kChoice, "sentinel",
     "sentinel: ask the Sentinels of the endpoints; fixed: the first endpoint is the primary",
     "sentinel|fixed"},
    {"primary", ParamType::kText, "mymaster", "the Sentinels' name for the primary", ""},
    {"set", ParamType::kText, "squall-set", "the key of the set; entries may share it", ""},
    {"port", ParamType::kInteger, "6379", "of the servers, 1 to 65535", ""},
    {"sentinel-port", ParamType::kInteger, "26379", "of the Sentinels, 1 to 65535", ""},
};

constexpr Duration kFinalRetry = std::chrono::milliseconds(200);

class RedisProcess : public WorkloadProcess {
 public:
  RedisProcess(ProcessContext& context, RedisRoute route)
      : context_(context),
        route_(std::move(route)),
        set_(context.params().text("set")),
        read_every_(context.params().duration("read-every")),
        last_read_(system_clock().mono()) {}

  void step() override {
    const MonoTime now = system_clock().mono();
    if (read_every_ > Duration::zero() && now - last_read_ >= read_every_) {
      last_read_ = now;
      (void)context_.perform("read", "", "", [this] { return read(context_.deadline()); });
    } else {
      const std::string value = std::to_string(context_.unique_value());
      (void)context_.perform("add", "", value, [&] { return add(value); });
    }
    (void)context_.pause(context_.params().duration("every"));
  }

  // Until a primary that the Sentinels agree on has answered.
  void finish() override {
    const MonoTime end = system_clock().mono() + context_.params().duration("final-within");
    while (system_clock().mono() < end) {
      const Answer answer = context_.perform("read", "", "", [this] { return final_read(); });
      if (answer.kind == RecordedEvent::Kind::kOk) return;
      if (!context_.pause(kFinalRetry, ClientCommand::kFinish)) return;
    }
    context_.log("redis: process " + std::to_string(context_.process()) +
                 ": no settled primary answered the final read");
  }

 private:
  Result<> reach_primary(MonoTime deadline) {
    if (!primary_) primary_.emplace(TRY(find_primary(route_, deadline)));
    Result<> connected = primary_->connect(deadline);
    if (!connected.ok()) primary_.reset();
    return connected;
  }

  Answer add(const std::string& value) {
    const MonoTime deadline = context_.deadline();
    const Result<> reached = reach_primary(deadline);
    if (!reached.ok()) return fail(reached.error().what);
    const Result<RespValue> got = primary_->command({"SADD", set_, value}, deadline);
    return conclude(got, HasEffect::kTrue, [](const RespValue& answer) {
      const bool is_count = answer.kind == RespValue::Kind::kInteger;
      return is_count ? ok() : info("not an answer to SADD: '" + answer.to_text() + "'");
    });
  }

  Answer read(MonoTime deadline) {
    const Result<> reached = reach_primary(deadline);
    if (!reached.ok()) return fail(reached.error().what);
    const Result<RespValue> got = primary_->command({"SMEMBERS", set_}, deadline);
    return conclude(got, HasEffect::kFalse, [](const RespValue& answer) {
      const Result<std::string> members = redis::read_members(answer);
      return members.ok() ? ok(*members) : fail(members.error().what);
    });
  }

  Answer final_read() {
    const MonoTime deadline = context_.deadline();
    const Result<SocketAddress> settled = find_settled_primary(route_, deadline);
    if (!settled.ok()) return fail(settled.error().what);
    primary_.emplace(*settled);
    return read(deadline);
  }

  Answer conclude(const Result<RespValue>& got, HasEffect effect,
                  Answer (*judge)(const RespValue&)) {
    const ExchangeTimes times = primary_->times();
    Answer answer{};
    if (!got.ok()) {
      answer = no_answer(got.error(), times, effect);
    } else if (got->is_error()) {
      answer = effect == HasEffect::kFalse ? fail(got->text) : redis::error_answer(got->text);
    } else {
      answer = judge(*got);
    }
    answer.first_byte = times.first_byte;
    // Another server may be the primary by now.
    if (!got.ok() || (got->is_error() && redis::is_misdirected(got->text))) primary_.reset();
    return answer;
  }

  ProcessContext& context_;
  RedisRoute route_;
  std::string set_;
  Duration read_every_;
  MonoTime last_read_;
  std::optional<RespClient> primary_{};
};

Result<std::unique_ptr<WorkloadProcess>> make(ProcessContext& context) {
  const Params& params = context.params();
  RedisRoute route{.endpoints = context.config().endpoints,
                   .all_nodes = context.config().all_nodes,
                   .is_fixed = params.text("discover") == "fixed",
                   .primary_name = params.text("primary"),
                   .port = TRY(port_of(params, "port")),
                   .sentinel_port = TRY(port_of(params, "sentinel-port"))};
  return std::unique_ptr<WorkloadProcess>(
      std::make_unique<RedisProcess>(context, std::move(route)));
}

constexpr std::string_view kExplain =
    "Each process adds integers that nobody else adds to one set, reads the whole set every "
    "`read-every`, and once more after the run, from the primary that most Sentinels name. With "
    "'discover: sentinel' it asks the Sentinels of its endpoints in their order and believes the "
    "first that answers, as Sentinel clients do; with 'endpoint: local' that is its own node's, so "
    "a "
    "client on the small side of a cut stays with the old primary. An error answer by which Redis "
    "refuses a command (READONLY, NOREPLICAS, LOADING, MASTERDOWN, …) is fail, any other to an add "
    "is info; a read that fails in any way is fail.";

}  // namespace

const ClientProgram& redis_program() {
  static const ClientProgram program{
      .row = {.kind = "redis",
              .help = "a set in Redis: unique adds and whole reads, through Sentinels",
              .explain = kExplain,
              .params = kParams},
      .make = make};
  return program;
}

}  // namespace squall
