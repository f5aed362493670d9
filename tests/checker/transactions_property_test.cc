// Checkers of transactions against brute force, valid histories and planted bugs.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/rng.h"
#include "tests/checker/transaction_oracles.h"
#include "tests/checker/transactions_text.h"
#include "tests/support/transaction_simulator.h"

namespace squall {
namespace {

using Json = nlohmann::json;
using test::Axiom;
using test::Isolation;
using test::Respect;
using test::SimulatedWorkload;

Recording recording_of(const std::string& lines) {
  Recording recording;
  recording.transactions = read_transactions_jsonl(lines, "simulated").value();
  return recording;
}

Verdict run(const std::string& request, const Recording& recording) {
  return run_check(parse_check(request).value(), recording, Budget{});
}

// Unknown: too little was seen; whatever the oracle says, that is no contradiction.
void expect_same(const std::string& request, const Recording& recording, bool is_allowed,
                 const std::string& lines) {
  const Verdict verdict = run(request, recording);
  if (verdict.answer == Answer::kUnknown) {
    EXPECT_TRUE(is_allowed) << request << ": " << verdict.summary << "\n" << lines;
    return;
  }
  EXPECT_EQ(verdict.answer, is_allowed ? Answer::kValid : Answer::kViolated)
      << request << ": " << verdict.summary << "\n"
      << lines;
}

bool all_appends_seen(const Transactions& txns) {
  const auto appends = std::count_if(txns.ops.begin(), txns.ops.end(), [](const MicroOp& op) {
    return op.kind() == MicroKind::kAppend;
  });
  return static_cast<std::size_t>(appends) == txns.versions.size();
}

TEST(TransactionsProperty, ListAppendAgreesWithAllOrders) {
  int violated = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const std::string lines = test::simulate({.seed = seed,
                                              .transactions = 5,
                                              .sessions = 3,
                                              .active_keys = 2,
                                              .operations_max = 3,
                                              .isolation = static_cast<Isolation>(seed % 3)});
    const Recording recording = recording_of(lines);
    const Transactions& txns = *recording.transactions;
    const bool is_serializable = test::is_serializable(txns, Respect::kNothing);
    violated += is_serializable ? 0 : 1;
    expect_same("list-append:model=serializable", recording, is_serializable, lines);
    expect_same("list-append:model=strong-session-serializable", recording,
                test::is_serializable(txns, Respect::kSessions), lines);
    expect_same("list-append:model=strict-serializable", recording,
                test::is_serializable(txns, Respect::kTime), lines);
    // Of appends that nobody saw, the order is not known, and with it who should have aborted.
    const bool is_isolated = test::is_snapshot_isolated(txns);
    if (is_isolated || all_appends_seen(txns)) {
      expect_same("list-append:model=snapshot-isolation", recording, is_isolated, lines);
    }
  }
  EXPECT_GT(violated, 200);
}

// Unique values, and reads of any of them: rich in violations.
std::string random_registers(std::uint64_t seed, bool is_single) {
  Rng rng(seed);
  std::string text;
  std::vector<std::vector<int>> written(2);
  int next = 1;
  struct Planned {
    std::uint64_t session;
    std::vector<std::pair<std::uint64_t, int>> operations;  // key, value; 0: a read
  };
  std::vector<Planned> plan;
  for (int i = 0; i < 5; ++i) {
    Planned planned{rng.below(3), {}};
    const std::uint64_t count = is_single ? 1 : 1 + rng.below(3);
    for (std::uint64_t j = 0; j < count; ++j) {
      const std::uint64_t key = rng.below(2);
      const bool is_read = rng.below(5) < 3;
      if (!is_read) written[key].push_back(next);
      planned.operations.emplace_back(key, is_read ? 0 : next++);
    }
    plan.push_back(planned);
  }
  for (const Planned& planned : plan) {
    text += (text.empty() ? "" : " | ") + std::to_string(planned.session) + " ok:";
    bool is_first = true;
    for (const auto& [key, value] : planned.operations) {
      text += std::string(is_first ? "" : ";") + (value == 0 ? " r " : " w ") +
              (key == 0 ? "x " : "y ");
      is_first = false;
      const std::uint64_t choice = rng.below(written[key].size() + 1);
      if (value != 0) {
        text += std::to_string(value);
      } else {
        text += choice == 0 ? "nil" : std::to_string(written[key][choice - 1]);
      }
    }
  }
  return text;
}

TEST(TransactionsProperty, WeakModelsAgreeWithAllCommitOrders) {
  int allowed = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const std::string text = random_registers(seed, false);
    const Recording recording = test::transactions(text);
    const Transactions& txns = *recording.transactions;
    const bool is_causal = test::holds(txns, Axiom::kCausal);
    allowed += is_causal ? 1 : 0;
    expect_same("causal", recording, is_causal, text);
    expect_same("read-atomic", recording, test::holds(txns, Axiom::kReadAtomic), text);
    expect_same("read-committed", recording, test::holds(txns, Axiom::kReadCommitted), text);
  }
  EXPECT_GT(allowed, 50);
}

TEST(TransactionsProperty, GuaranteesAgreeWithAllOrdersOfAKey) {
  int violated = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const std::string text = random_registers(seed, true);
    const Recording recording = test::transactions(text);
    const Transactions& txns = *recording.transactions;
    const bool is_allowed = test::reads_its_writes(txns);
    violated += is_allowed ? 0 : 1;
    expect_same("read-your-writes", recording, is_allowed, text);
    expect_same("monotonic-reads", recording, test::reads_monotonically(txns), text);
  }
  EXPECT_GT(violated, 30);
}

// What cannot be inferred is not held against the store, but what is found is certain.
TEST(TransactionsProperty, RwRegisterAccusesNobodyWrongly) {
  int violated = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const std::string text = random_registers(seed, false);
    const Recording recording = test::transactions(text);
    const Transactions& txns = *recording.transactions;
    const std::pair<const char*, bool> models[] = {
        {"serializable", test::is_serializable(txns, Respect::kNothing)},
        {"strict-serializable", test::is_serializable(txns, Respect::kTime)},
        {"snapshot-isolation", test::is_snapshot_isolated(txns)}};
    for (const auto& [model, is_allowed] : models) {
      const Verdict verdict = run("rw-register:model=" + std::string(model), recording);
      violated += verdict.answer == Answer::kViolated ? 1 : 0;
      if (is_allowed) {
        EXPECT_NE(verdict.answer, Answer::kViolated) << verdict.summary << "\n" << text;
      }
    }
  }
  EXPECT_GT(violated, 500);
}

TEST(TransactionsProperty, NothingIsHeldAgainstValidHistories) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SimulatedWorkload workload{.seed = seed, .transactions = 60, .sessions = 5, .active_keys = 3};
    workload.writes_per_key = 8;
    workload.info_percent = seed % 2 == 0 ? 10 : 0;
    for (const bool is_list : {true, false}) {
      workload.is_list = is_list;
      const std::string checker = is_list ? "list-append" : "rw-register";
      workload.isolation = Isolation::kStrict;
      const Recording strict = recording_of(test::simulate(workload));
      for (const std::string& request : {checker, std::string("causal")}) {
        const Verdict verdict = run(request, strict);
        EXPECT_EQ(verdict.answer, Answer::kValid) << request << " " << seed << verdict.summary;
      }
      if (seed % 4 != 0) continue;
      workload.isolation = Isolation::kSnapshot;
      const Recording snapshot = recording_of(test::simulate(workload));
      for (const std::string& request :
           {checker + ":model=strong-snapshot-isolation", std::string("causal"),
            std::string("read-your-writes"), std::string("monotonic-writes"),
            std::string("monotonic-reads"), std::string("writes-follow-reads")}) {
        const Verdict verdict = run(request, snapshot);
        EXPECT_EQ(verdict.answer, Answer::kValid) << request << " " << seed << verdict.summary;
      }
    }
  }
}

// A list that an acknowledged read returned: the event and the micro-operation.
struct Place {
  std::size_t event;
  std::size_t op;
};

// Plants a bug into a read of which another one shows the order of the first two elements, and
// returns whether there was one.  Each is certainly harmful: the first two are swapped, the second
// is gone, or there is one that nobody appended.
bool plant(std::vector<Json>& events, Rng& rng) {
  std::vector<Place> places;
  std::map<int, int> readers;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i]["e"] != "ok") continue;
    const Json& ops = events[i]["v"];
    std::set<int> seen;
    for (std::size_t j = 0; j < ops.size(); ++j) {
      if (ops[j][0] != "r" || !ops[j][2].is_array() || ops[j][2].size() < 3) continue;
      places.push_back({i, j});
      seen.insert(ops[j][1].get<int>());
    }
    for (const int key : seen) ++readers[key];
  }
  std::erase_if(places, [&](const Place& place) {
    return readers[events[place.event]["v"][place.op][1].get<int>()] < 2;
  });
  if (places.empty()) return false;
  const Place place = places[rng.below(places.size())];
  Json& list = events[place.event]["v"][place.op][2];
  switch (rng.below(3)) {
    case 0:
      std::swap(list[0], list[1]);
      break;
    case 1:
      list.erase(1);
      break;
    default:
      list.push_back(100'000);
  }
  return true;
}

TEST(TransactionsProperty, PlantedBugsAreFound) {
  int planted = 0;
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::istringstream lines(
        test::simulate({.seed = seed, .transactions = 80, .sessions = 5, .active_keys = 2}));
    std::vector<Json> events;
    for (std::string line; std::getline(lines, line);) events.push_back(Json::parse(line));
    Rng rng(seed);
    if (!plant(events, rng)) continue;
    std::string text;
    for (const Json& event : events) text += event.dump() + "\n";
    ++planted;
    found += run("list-append", recording_of(text)).answer == Answer::kViolated ? 1 : 0;
  }
  EXPECT_GT(planted, 150);
  EXPECT_GE(found * 100, planted * 99);
}

TEST(TransactionsProperty, TheAnswerDoesNotDependOnThreads) {
  const Recording recording = recording_of(
      test::simulate({.seed = 3, .transactions = 2000, .isolation = Isolation::kNone}));
  Pool pool(4);
  for (const char* const request : {"list-append", "causal", "monotonic-writes"}) {
    const CheckRequest parsed = parse_check(request).value();
    const Verdict alone = run_check(parsed, recording, Budget{});
    const Verdict together = run_check(parsed, recording, Budget{.pool = &pool});
    EXPECT_EQ(to_json(alone), to_json(together));
    EXPECT_EQ(alone.summary, together.summary);
  }
}

TEST(TransactionsProperty, ACancelledCheckSaysSo) {
  const Recording recording = recording_of(
      test::simulate({.seed = 3, .transactions = 200, .isolation = Isolation::kSnapshot}));
  const std::atomic<bool> is_cancelled{true};
  for (const char* const request : {"list-append:model=snapshot-isolation", "causal"}) {
    const Verdict verdict =
        run_check(parse_check(request).value(), recording, Budget{.is_cancelled = &is_cancelled});
    EXPECT_EQ(verdict.answer, Answer::kUnknown) << verdict.summary;
  }
}

}  // namespace
}  // namespace squall
