// The client `ledger`: asks the reference stack's gateways how often each request with an
// idempotency key was executed.
#include <nlohmann/json.hpp>

#include "workload/http.h"
#include "workload/workload_process.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {
    {"timeout", ParamType::kDuration, "2s", "how long an answer may take", ""},
    {"every", ParamType::kDuration, "1s", "pause between two looks", ""},
    {"port", ParamType::kInteger, "8080", "of the gateways, 1 to 65535", ""},
};

constexpr int kOkStatus = 200;
constexpr std::size_t kNamedKeys = 3;
constexpr Duration kFinalWithin = std::chrono::seconds(10);
constexpr Duration kFinalRetry = std::chrono::milliseconds(200);

using Json = nlohmann::json;

// What GET /ledger says, added up over all replicas.
struct LedgerSums {
  std::int64_t keys = 0;
  std::int64_t executions = 0;
  std::vector<std::string> duplicates{};
  bool is_whole = false;  // every replica answered
};

Result<LedgerSums> read_sums(const std::string& body) {
  const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  const bool is_right = json.is_object() && json.value("keys", Json()).is_number_integer() &&
                        json.value("executions", Json()).is_number_integer() &&
                        json.value("duplicates", Json()).is_object() &&
                        json.value("missing", Json()).is_array();
  if (!is_right) return Error{Errc::kIo, "the answer is not a ledger"};
  LedgerSums sums{.keys = json["keys"], .executions = json["executions"]};
  for (const auto& [key, count] : json["duplicates"].items()) sums.duplicates.push_back(key);
  sums.is_whole = json["missing"].empty();
  return sums;
}

std::string line_of(const LedgerSums& sums) {
  std::string line = "ledger: " + std::to_string(sums.keys) + " keys, " +
                     std::to_string(sums.executions) + " executions";
  if (!sums.is_whole) line += ", not all replicas answered";
  if (sums.duplicates.empty()) return line + ", no key twice";
  line += "; executed more than once: " + std::to_string(sums.duplicates.size()) + " keys";
  for (std::size_t i = 0; i < std::min(sums.duplicates.size(), kNamedKeys); ++i) {
    line += (i == 0 ? ": " : ", ") + sums.duplicates[i];
  }
  return line;
}

class LedgerProcess : public WorkloadProcess {
 public:
  LedgerProcess(ProcessContext& context, std::uint16_t port)
      : context_(context), gateway_({context.config().endpoints.front().ipv4, port}) {}

  void step() override {
    (void)look();
    (void)context_.pause(context_.params().duration("every"));
  }

  // Until every replica has answered.
  void finish() override {
    const MonoTime end = system_clock().mono() + kFinalWithin;
    while (!look() && system_clock().mono() < end) {
      if (!context_.pause(kFinalRetry, ClientCommand::kFinish)) return;
    }
  }

 private:
  bool look() {
    bool is_whole = false;
    (void)context_.perform("ledger", "", "", [&] {
      const Result<HttpAnswer> answer =
          gateway_.exchange({.method = "GET", .target = "/ledger"}, context_.deadline());
      if (!answer.ok()) return no_answer(answer.error(), gateway_.times(), HasEffect::kFalse);
      if (answer->status != kOkStatus) return fail("HTTP " + std::to_string(answer->status));
      const Result<LedgerSums> sums = read_sums(answer->body);
      if (!sums.ok()) return fail(sums.error().what);
      context_.log(line_of(*sums));
      is_whole = sums->is_whole;
      return ok("[" + std::to_string(sums->keys) + "," + std::to_string(sums->executions) + "," +
                std::to_string(sums->duplicates.size()) + "]");
    });
    return is_whole;
  }

  ProcessContext& context_;
  HttpClient gateway_;
};

Result<std::unique_ptr<WorkloadProcess>> make(ProcessContext& context) {
  const std::uint16_t port = TRY(port_of(context.params(), "port"));
  return std::unique_ptr<WorkloadProcess>(std::make_unique<LedgerProcess>(context, port));
}

constexpr std::string_view kExplain =
    "Reads GET /ledger of the first endpoint, a gateway of the reference stack, every now and then "
    "and once more at the end, when every replica must have answered. Its value is [keys, "
    "executions, keys that were executed more than once]; each look is also a line of its log, "
    "which log-pattern can judge: 'ledger: 412 keys, 419 executions; executed more than once: 7 "
    "keys: …'. A look that fails in any way is fail: it has no effect.";

}  // namespace

const ClientProgram& ledger_program() {
  static const ClientProgram program{
      .row = {.kind = "ledger",
              .help = "reads how often the reference stack executed each idempotency key",
              .explain = kExplain,
              .params = kParams},
      .make = make};
  return program;
}

}  // namespace squall
