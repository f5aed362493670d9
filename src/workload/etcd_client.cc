// The client `etcd`: reads, writes and compare-and-sets on registers, with unique values.
#include <map>

#include "history/utf8.h"
#include "workload/etcd_session.h"
#include "workload/key_rotation.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {
    {"timeout", ParamType::kDuration, "1s", "how long an operation may take", ""},
    {"every", ParamType::kDuration, "20ms", "pause of a process between two operations", ""},
    {"read", ParamType::kChoice, "linearizable", "how reads are answered",
     "linearizable|serializable"},
    {"reads", ParamType::kPercent, "50%", "share of reads", ""},
    {"cas", ParamType::kPercent, "20%",
     "share of compare-and-sets; what reads and these leave are writes", ""},
    {"keys", ParamType::kInteger, "3", "keys in use at a time, 1 to 1000", ""},
    {"ops-per-key", ParamType::kInteger, "300",
     "operations until a key is left for a fresh one, 1 to 1000000000", ""},
    {"keyspace", ParamType::kText, "",
     "prefix of the keys; the entry's name by default; entries with the same one share keys", ""},
    {"port", ParamType::kInteger, "2379", "of etcd's clients, 1 to 65535", ""},
};

// What etcd holds is text; ours are integers.
std::string value_json(const std::string& text) {
  const bool is_integer = !text.empty() && text.size() < 19 &&
                          text.find_first_not_of("0123456789") == std::string::npos;
  if (is_integer) return text;
  std::string json;
  append_json_string(to_utf8(text), json);
  return json;
}

class EtcdProcess : public WorkloadProcess {
 public:
  EtcdProcess(ProcessContext& context, const KeyRotation::Shape& shape, std::uint16_t port)
      : context_(context),
        session_(context.config().endpoints, port),
        rotation_(shape, context.process()),
        read_mode_(context.params().text("read") == "serializable" ? etcd::ReadMode::kSerializable
                                                                   : etcd::ReadMode::kLinearizable),
        prefix_(context.params().text("keyspace")) {
    if (prefix_.empty()) prefix_ = context.config().name;
  }

  void step() override {
    const std::string key = prefix_ + "/" + std::to_string(rotation_.next());
    const double draw = context_.rng().unit();
    const double reads = context_.params().percent("reads");
    const auto seen = seen_.find(key);
    if (draw < reads) {
      read(key);
    } else if (draw < reads + context_.params().percent("cas") && seen != seen_.end()) {
      compare_and_set(key, seen->second);
    } else {
      write(key);
    }
    if (seen_.size() > kMaxSeen) seen_.clear();  // keys that were left long ago
    (void)context_.pause(context_.params().duration("every"));
  }

 private:
  static constexpr std::size_t kMaxSeen = 4096;

  static std::string key_json(const std::string& key) {
    std::string json;
    append_json_string(key, json);
    return json;
  }

  void read(const std::string& key) {
    std::optional<std::string> value;
    const auto judge = [&](const std::string& body) -> Result<Answer> {
      value = TRY(etcd::read_value(body));
      return ok(value ? value_json(*value) : "null");
    };
    (void)context_.perform("read", key_json(key), "", [&] {
      return session_.perform(etcd::range(key, read_mode_), HasEffect::kFalse, context_.deadline(),
                              judge);
    });
    if (value) seen_[key] = *value;
  }

  void write(const std::string& key) {
    const std::string value = std::to_string(context_.unique_value());
    const Answer answer = context_.perform("write", key_json(key), value, [&] {
      return session_.perform(etcd::put(key, value), HasEffect::kTrue, context_.deadline(),
                              [](const std::string& body) -> Result<Answer> {
                                (void)TRY(etcd::read_txn(body));  // has the same header
                                return ok();
                              });
    });
    if (answer.kind == RecordedEvent::Kind::kOk) seen_[key] = value;
  }

  void compare_and_set(const std::string& key, const std::string& from) {
    const std::string to = std::to_string(context_.unique_value());
    const std::string argument = "[" + value_json(from) + "," + to + "]";
    const auto judge = [](const std::string& body) -> Result<Answer> {
      const etcd::TxnAnswer txn = TRY(etcd::read_txn(body));
      return txn.is_done ? ok() : negative("mismatch");
    };
    const Answer answer = context_.perform("cas", key_json(key), argument, [&] {
      return session_.perform(etcd::put_if_value(key, from, to), HasEffect::kTrue,
                              context_.deadline(), judge);
    });
    if (answer.kind == RecordedEvent::Kind::kOk) {
      seen_[key] = to;
    } else {
      seen_.erase(key);  // the next one writes or reads first
    }
  }

  ProcessContext& context_;
  EtcdSession session_;
  KeyRotation rotation_;
  etcd::ReadMode read_mode_;
  std::string prefix_;
  std::map<std::string, std::string> seen_{};  // the value that we know last, per key
};

Result<std::unique_ptr<WorkloadProcess>> make(ProcessContext& context) {
  const Params& params = context.params();
  if (params.percent("reads") + params.percent("cas") > 1.0 + 1e-9) {
    return Error{Errc::kInvalid, "'reads' and 'cas' are over 100% together"};
  }
  const std::int64_t processes = context.config().process_count;
  const KeyRotation::Shape shape{
      .keys = TRY(integer_in(params, "keys", 1, 1000)),
      .operations_per_key = TRY(integer_in(params, "ops-per-key", 1, 1'000'000'000)),
      .processes = processes};
  const std::uint16_t port = TRY(port_of(params, "port"));
  return std::unique_ptr<WorkloadProcess>(std::make_unique<EtcdProcess>(context, shape, port));
}

constexpr std::string_view kExplain =
    "Each process reads, writes and compare-and-sets registers through etcd's JSON gateway, with "
    "values that nobody else writes. All processes of the entry share `keys` keys at a time and "
    "leave them after `ops-per-key` operations, because checking a register gets expensive with "
    "its "
    "operations. A compare-and-set expects the value that its process knows last; one that finds "
    "another fails with 'answer: mismatch'. A read that fails in any way is fail, since it has no "
    "effect. A write or compare-and-set is fail when no byte of it was sent or etcd refused it "
    "before proposing it, and info otherwise.";

}  // namespace

const ClientProgram& etcd_program() {
  static const ClientProgram program{
      .row = {.kind = "etcd",
              .help = "registers in etcd v3: reads, writes, compare-and-sets",
              .explain = kExplain,
              .params = kParams},
      .make = make};
  return program;
}

}  // namespace squall
