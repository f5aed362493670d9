// A client begins, its steps happen, it commits, it is answered.
#include "history/generate/txn_workload.h"

#include <array>
#include <vector>

#include "history/generate/event_writer.h"
#include "history/generate/moments.h"
#include "history/generate/object_workload.h"
#include "history/generate/txn_database.h"

namespace squall {
namespace {

enum class Stage : std::uint8_t { kIdle, kRunning, kAnswered };
enum class Fate : std::uint8_t { kAnswered, kLost, kLostInTime, kAborted };

struct Client {
  std::int64_t process = 0;
  Stage stage = Stage::kIdle;
  Fate fate = Fate::kAnswered;
  Txn txn;
};

Isolation isolation_of(const std::string& name) {
  static constexpr std::array<std::pair<std::string_view, Isolation>, 5> kNames = {
      {{"strict-serializable", Isolation::kStrictSerializable},
       {"snapshot-isolation", Isolation::kSnapshot},
       {"prefix", Isolation::kPrefix},
       {"read-committed", Isolation::kReadCommitted},
       {"none", Isolation::kNone}}};
  for (const auto& [known, isolation] : kNames) {
    if (name == known) return isolation;
  }
  return Isolation::kNone;
}

class Simulation {
 public:
  Simulation(const Params& params, bool has_lists, FaultRates faults, const TextSink& sink)
      : has_lists_(has_lists),
        is_by_session_(params.text("form") == "sessions"),
        writer_(sink),
        rng_(static_cast<std::uint64_t>(params.integer("seed"))),
        operations_(static_cast<std::uint64_t>(params.integer("operations"))),
        steps_min_(static_cast<std::uint64_t>(params.integer("steps-min"))),
        steps_max_(std::max(steps_min_, static_cast<std::uint64_t>(params.integer("steps-max")))),
        reads_(params.percent("reads")),
        info_rate_(params.percent("info-rate")),
        abort_rate_(params.percent("abort-rate")),
        database_(isolation_of(params.text("isolation")),
                  static_cast<std::size_t>(params.integer("keys")),
                  static_cast<std::uint64_t>(params.integer("writes-per-key")), has_lists,
                  std::move(faults)),
        clients_(static_cast<std::size_t>(params.integer("clients"))) {}

  Result<> run() {
    for (std::uint32_t who = 0; who < clients_.size(); ++who) {
      clients_[who].process = who;
      moments_.plan(static_cast<std::int64_t>(rng_.below(kThinkMax)), who);
    }
    while (!moments_.is_empty()) {
      const Moment moment = moments_.next();
      now_ = moment.at;
      Client& client = clients_[moment.who];
      switch (client.stage) {
        case Stage::kIdle:
          TRY(begin(moment.who, client));
          break;
        case Stage::kRunning:
          go_on(moment.who, client);
          break;
        case Stage::kAnswered:
          TRY(answer(moment.who, client));
          break;
      }
    }
    return writer_.flush();
  }

 private:
  [[nodiscard]] std::int64_t after(std::uint64_t least, std::uint64_t most) {
    return now_ + static_cast<std::int64_t>(least + rng_.below(most - least));
  }

  Fate choose_fate() {
    const double dice = rng_.unit();
    if (dice < abort_rate_) return Fate::kAborted;
    if (dice >= abort_rate_ + info_rate_) return Fate::kAnswered;
    return rng_.below(2) == 0 ? Fate::kLost : Fate::kLostInTime;
  }

  Result<> begin(std::uint32_t who, Client& client) {
    if (begun_ == operations_) return {};
    ++begun_;
    client.txn.steps.clear();
    const std::uint64_t count = steps_min_ + rng_.below(steps_max_ - steps_min_ + 1);
    for (std::uint64_t i = 0; i < count; ++i) {
      client.txn.steps.push_back(database_.choose(rng_.unit() >= reads_, rng_));
    }
    client.fate = choose_fate();
    client.stage = Stage::kRunning;
    database_.begin(client.txn);
    moments_.plan(after(kStepMin, kStepMax), who);
    return is_by_session_ ? Result<>() : write(client, "invoke", false);
  }

  // The next step of levels that take one at a time, else the commit.
  void go_on(std::uint32_t who, Client& client) {
    Txn& txn = client.txn;
    if (database_.takes_steps() && txn.next_step < txn.steps.size()) {
      database_.run_step(txn, rng_);
      const bool is_more = txn.next_step < txn.steps.size();
      moments_.plan(after(kStepMin, is_more ? kStepMax / 2 : kStepMax), who);
      return;
    }
    if (client.fate == Fate::kAborted) {
      database_.abort(txn);
    } else if (client.fate != Fate::kLost) {
      database_.commit(txn, rng_);
    }
    client.stage = Stage::kAnswered;
    moments_.plan(after(kStepMin, kStepMax), who);
  }

  Result<> answer(std::uint32_t who, Client& client) {
    client.stage = Stage::kIdle;
    moments_.plan(after(0, kThinkMax), who);
    const bool is_heard = client.fate == Fate::kAnswered || client.fate == Fate::kAborted;
    Result<> written;
    if (is_by_session_) {
      if (is_heard) written = write_session(client);
    } else if (!is_heard) {
      written = write(client, "info", false);
      client.process += static_cast<std::int64_t>(clients_.size());
    } else {
      const bool is_ok = !client.txn.is_aborted;
      written = write(client, is_ok ? "ok" : "fail", is_ok);
    }
    database_.release(client.txn);
    return written;
  }

  void append_list(const Txn& txn, std::size_t index) {
    const TxnStep& step = txn.steps[index];
    const char* separator = "[";
    const auto item = [&](std::int64_t value) {
      line_ += separator;
      append_integer(value, line_);
      separator = ",";
    };
    for (std::size_t i = 0; i < step.seen; ++i) item(database_.version(step.key, i));
    for (std::size_t i = 0, own = 0; i < index && own < step.own; ++i) {
      if (!txn.steps[i].is_write || txn.steps[i].key != step.key) continue;
      item(txn.steps[i].value);
      ++own;
    }
    line_ += *separator == '[' ? "[]" : "]";
  }

  void append_step(const Txn& txn, std::size_t index, bool is_seen) {
    const TxnStep& step = txn.steps[index];
    line_ += !step.is_write ? "[\"r\"," : has_lists_ ? "[\"append\"," : "[\"w\",";
    append_integer(static_cast<std::int64_t>(step.key), line_);
    line_ += ',';
    if (step.is_write) {
      append_integer(step.value, line_);
    } else if (is_seen && has_lists_) {
      append_list(txn, index);
    } else if (is_seen && step.last != TxnStep::kNoValue) {
      append_integer(step.last, line_);
    } else {
      line_ += "null";
    }
    line_ += ']';
  }

  void append_steps(const Txn& txn, bool is_seen) {
    line_ += '[';
    for (std::size_t i = 0; i < txn.steps.size(); ++i) {
      if (i > 0) line_ += ',';
      append_step(txn, i, is_seen);
    }
    line_ += ']';
  }

  Result<> write(const Client& client, std::string_view kind, bool is_seen) {
    line_.clear();
    append_steps(client.txn, is_seen);
    return writer_.write({.process = client.process,
                          .kind = kind,
                          .f = "txn",
                          .value = line_,
                          .error = kind == "info" ? "timed out" : std::string_view(),
                          .at = now_});
  }

  // Reads of an aborted transaction say nothing.
  Result<> write_session(const Client& client) {
    line_ = "{\"s\":";
    append_integer(client.process, line_);
    line_ += ",\"t\":";
    append_integer(next_in_sessions_++, line_);
    line_ += client.txn.is_aborted ? ",\"c\":false,\"ops\":" : ",\"c\":true,\"ops\":";
    append_steps(client.txn, !client.txn.is_aborted);
    line_ += '}';
    return writer_.write_line(line_);
  }

  bool has_lists_;
  bool is_by_session_;
  EventWriter writer_;
  Rng rng_;
  std::uint64_t operations_;
  std::uint64_t steps_min_;
  std::uint64_t steps_max_;
  double reads_;
  double info_rate_;
  double abort_rate_;
  TxnDatabase database_;
  std::vector<Client> clients_;
  Moments moments_;
  std::int64_t now_ = 0;
  std::uint64_t begun_ = 0;
  std::int64_t next_in_sessions_ = 0;
  std::string line_;
};

Result<> generate(const Params& params, bool has_lists, const TextSink& sink) {
  TRY(check_processes(params));
  FaultRates faults = TRY(parse_faults(params.text("faulty"), "stale-read|lost-write"));
  return Simulation(params, has_lists, std::move(faults), sink).run();
}

}  // namespace

Result<> generate_list_append(const Params& params, const TextSink& sink) {
  if (params.integer("writes-per-key") == 0) {
    return Error{Errc::kInvalid, "'writes-per-key' of 0 would let lists grow for ever"};
  }
  return generate(params, true, sink);
}

Result<> generate_rw_register(const Params& params, const TextSink& sink) {
  return generate(params, false, sink);
}

}  // namespace squall
