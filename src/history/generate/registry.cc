// The table of workloads with their parameters.
#include <algorithm>
#include <array>

#include "history/generate/generate.h"
#include "history/generate/object_workload.h"
#include "history/generate/txn_workload.h"

namespace squall {
namespace {

using enum ParamType;

constexpr ParamSpec kSeed{"seed", kInteger, "1", "decides everything", ""};
constexpr ParamSpec kOperations{"operations", kInteger, "1000", "how many, or transactions", ""};
constexpr ParamSpec kClients{"clients", kInteger, "10", "how many at once", ""};
constexpr ParamSpec kInfo{"info-rate", kPercent, "0%",
                          "operations that nobody hears of: half of them take effect in time, a "
                          "quarter later, a quarter never",
                          ""};
constexpr ParamSpec kFail{"fail-rate", kPercent, "0%", "operations that fail without effect", ""};

constexpr ParamSpec faulty(std::string_view names) {
  return {"faulty", kText, "", names, ""};
}
constexpr ParamSpec reads(std::string_view share) {
  return {"reads", kPercent, share, "share of reads", ""};
}

constexpr std::array<ParamSpec, 11> kRegisterParams = {
    {kSeed,
     kOperations,
     kClients,
     kInfo,
     kFail,
     reads("50%"),
     {"cas", kPercent, "0%", "share of compare-and-set", ""},
     {"values", kInteger, "5", "writes draw from so many; 0: no value is written twice", ""},
     {"keys", kInteger, "1", "registers, used up one after the other", ""},
     {"keys-at-once", kInteger, "1", "of those, so many in use at once", ""},
     faulty("what goes wrong, and how often: stale-read=1%,lost-write=1%")}};
constexpr std::array<ParamSpec, 9> kKvParams = {
    {kSeed,
     kOperations,
     kClients,
     kInfo,
     kFail,
     reads("50%"),
     {"puts", kPercent, "10%", "share of put; the rest is append", ""},
     {"keys", kInteger, "10", "all in use at once", ""},
     faulty("what goes wrong, and how often: stale-read=1%,lost-write=1%")}};
constexpr std::array<ParamSpec, 7> kSetParams = {
    {kSeed, kOperations, kClients, kInfo, kFail, reads("1%"),
     faulty("what goes wrong, and how often: stale-read=1%,lost-write=1%")}};
constexpr std::array<ParamSpec, 7> kQueueParams = {
    {kSeed,
     kOperations,
     kClients,
     kInfo,
     kFail,
     {"enqueues", kPercent, "50%", "share of enqueue; the rest is dequeue", ""},
     faulty("what goes wrong, and how often: lost-write=1%,duplicate=1%,reorder=1%")}};
constexpr std::array<ParamSpec, 7> kCounterParams = {
    {kSeed, kOperations, kClients, kInfo, kFail, reads("30%"),
     faulty("what goes wrong, and how often: stale-read=1%,lost-write=1%")}};
constexpr std::array<ParamSpec, 6> kMutexParams = {
    {kSeed, kOperations, kClients, kInfo, kFail,
     faulty("what goes wrong, and how often: held-twice=1%")}};
constexpr std::array<ParamSpec, 6> kIdsParams = {
    {kSeed, kOperations, kClients, kInfo, kFail,
     faulty("what goes wrong, and how often: duplicate=1%")}};

constexpr std::string_view kLevels =
    "strict-serializable|snapshot-isolation|prefix|read-committed|none";

constexpr std::array<ParamSpec, 13> txn_params(std::string_view writes_per_key) {
  return {{kSeed,
           kOperations,
           kClients,
           kInfo,
           {"abort-rate", kPercent, "0%", "transactions that abort by themselves", ""},
           reads("50%"),
           {"isolation", kChoice, "strict-serializable", "what the database promises", kLevels},
           {"keys", kInteger, "10", "in use at once", ""},
           {"writes-per-key", kInteger, writes_per_key,
            "after so many a key is replaced by a new one; 0: never (registers only)", ""},
           {"steps-min", kInteger, "1", "of a transaction", ""},
           {"steps-max", kInteger, "4", "of a transaction", ""},
           {"form", kChoice, "events", "events, or a line for each transaction of a session",
            "events|sessions"},
           faulty("what goes wrong, and how often: stale-read=1%,lost-write=1%")}};
}
constexpr auto kListParams = txn_params("32");
constexpr auto kRwParams = txn_params("0");

using Maker = std::unique_ptr<SimulatedObject> (*)(const Params&, FaultRates);

template <Maker kMake, const char* kFaults>
Result<> generate_object(const Params& params, const TextSink& sink) {
  FaultRates faults = TRY(parse_faults(params.text("faulty"), kFaults));
  const std::unique_ptr<SimulatedObject> object = kMake(params, std::move(faults));
  return generate_calls(params, *object, sink);
}

constexpr char kStore[] = "stale-read|lost-write";
constexpr char kQueues[] = "lost-write|duplicate|reorder";
constexpr char kTwice[] = "held-twice";
constexpr char kDuplicate[] = "duplicate";

constexpr std::array<WorkloadRow, 9> kWorkloads = {
    {{"register", "A register, or many: read, write, cas", kRegisterParams,
      generate_object<make_register, kStore>},
     {"kv", "Texts by key: get, put, append", kKvParams, generate_object<make_kv, kStore>},
     {"set", "Elements are added, the set is read, and once more at the end", kSetParams,
      generate_object<make_set, kStore>},
     {"queue", "First in, first out: enqueue, dequeue (fails where there is nothing)", kQueueParams,
      generate_object<make_queue, kQueues>},
     {"counter", "A sum that grows: add, read", kCounterParams,
      generate_object<make_counter, kStore>},
     {"mutex", "A lock: acquire (fails where it is held), release", kMutexParams,
      generate_object<make_mutex, kTwice>},
     {"unique-ids", "Ids that nobody else may get: generate", kIdsParams,
      generate_object<make_ids, kDuplicate>},
     {"list-append", "Transactions on lists: append, r", kListParams, generate_list_append},
     {"rw-register", "Transactions on registers: w, r", kRwParams, generate_rw_register}}};

}  // namespace

std::span<const WorkloadRow> workloads() {
  return kWorkloads;
}

const WorkloadRow* find_workload(std::string_view name) {
  const auto row = std::find_if(kWorkloads.begin(), kWorkloads.end(),
                                [name](const WorkloadRow& known) { return known.name == name; });
  return row == kWorkloads.end() ? nullptr : &*row;
}

}  // namespace squall
