// The public histories of transactions with known verdicts.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "checker/checker.h"
#include "checker/txn/models.h"
#include "history/text_source.h"
#include "tests/checker/known_histories.h"

namespace squall {
namespace {

std::string text_of(const std::string& path) {
  TextSource source = TextSource::open(path).value();
  return read_rest(source).value();
}

using Json = nlohmann::json;

Verdict run(const std::string& request, const Recording& recording) {
  return run_check(parse_check(request).value(), recording, Budget{});
}

Answer answer_of(const Json& expected) {
  if (expected.is_boolean()) return expected.get<bool>() ? Answer::kValid : Answer::kViolated;
  if (expected == "unknown") return Answer::kUnknown;
  return expected == "true" ? Answer::kValid : Answer::kViolated;
}

Recording read(const std::string& path) {
  Recording recording;
  recording.transactions = read_transactions_jsonl(text_of(path), path).value();
  return recording;
}

std::string fact(const Verdict& verdict, std::string_view name) {
  for (const auto& [key, value] : verdict.facts) {
    if (key == name) return value;
  }
  return "no such fact";
}

// Cases leave out functions, and some of them invocations, which an importer does not take.
std::string completed(const Json& history) {
  std::string text;
  std::vector<bool> is_open(64, false);
  for (Json event : history) {
    const auto process = event["p"].get<std::size_t>();
    event["f"] = "txn";
    event.erase("t");
    if (event["e"] == "invoke") {
      is_open[process] = true;
    } else {
      Json invocation = event;
      invocation["e"] = "invoke";
      if (!is_open[process]) text += invocation.dump() + "\n";
      is_open[process] = false;
    }
    text += event.dump() + "\n";
  }
  return text;
}

// In the order that the case gives to its transactions.
Json ordered(const Json& history, const Json& order) {
  Json sorted = Json::array();
  std::vector<std::pair<int, std::size_t>> places;
  for (std::size_t i = 0; i < history.size(); ++i) {
    places.emplace_back(order[std::to_string(i)].get<int>(), i);
  }
  std::sort(places.begin(), places.end());
  for (const auto& [place, i] : places) sorted.push_back(history[i]);
  return sorted;
}

std::string model_of(const Json& test_case) {
  const Json& options = test_case["opts"];
  if (options.contains("consistency-models") && !options["consistency-models"].is_null()) {
    return options["consistency-models"][0];
  }
  static const std::map<std::string, std::string> kForbidding = {
      {"G0", "read-uncommitted"},
      {"G1", "read-committed"},
      {"G2", "repeatable-read"},
      {"G-single", "consistent-view"},
      {"dirty-update", "read-committed"}};
  if (!options.contains("anomalies")) return "strict-serializable";
  return kForbidding.at(options["anomalies"][0]);
}

TEST(KnownTransactions, ElleCases) {
  const auto folder = test::histories_folder();
  if (!folder) GTEST_SKIP() << "SQUALL_HISTORIES is not set";
  std::ifstream file(*folder + "/elle/unit-cases.jsonl");
  std::string line;
  int cases = 0;
  while (std::getline(file, line)) {
    const Json test_case = Json::parse(line);
    const Json& options = test_case["opts"];
    Json history = test_case["history"];
    if (options.contains("transaction-order")) {
      history = ordered(history, options["transaction-order"]);
    }
    Recording recording;
    const std::string id = test_case["id"];
    recording.transactions = read_transactions_jsonl(completed(history), id).value();
    std::string request =
        test_case["workload"].get<std::string>() + ":model=" + model_of(test_case);
    if (options.value("linearizable-keys?", false) || options.contains("transaction-order")) {
      request += ",linearizable-keys=true";
    }
    if (options.value("sequential-keys?", false)) request += ",sequential-keys=true";
    if (options.contains("anomalies")) {
      request += ",anomaly=" + options["anomalies"][0].get<std::string>();
    }
    const Verdict verdict = run(request, recording);
    EXPECT_EQ(verdict.answer, answer_of(test_case["expected"]["valid"]))
        << id << " " << request << ": " << verdict.summary;
    // An order that is given from outside, here told by times, may show as cyclic versions first.
    if (verdict.answer != Answer::kViolated || options.contains("transaction-order")) continue;
    for (const std::string anomaly : test_case["expected"]["anomalies"]) {
      if (anomaly == "empty-transaction-graph") continue;
      EXPECT_NE(fact(verdict, "anomalies").find(anomaly + " "), std::string::npos)
          << id << ": " << anomaly << " is not among " << fact(verdict, "anomalies");
    }
    ++cases;
  }
  EXPECT_GT(cases, 20);
}

TEST(KnownTransactions, ModelsAreOrderedAsElleOrdersThem) {
  const auto folder = test::histories_folder();
  if (!folder) GTEST_SKIP() << "SQUALL_HISTORIES is not set";
  std::ifstream file(*folder + "/elle/unit-cases.jsonl");
  std::string line;
  while (std::getline(file, line)) {
    const Json test_case = Json::parse(line);
    const Json& expected = test_case["expected"];
    ModelSet out = 0;
    for (const std::string name : expected["not"])
      out |= at_least(find_isolation_model(name).value());
    for (const std::string name : expected["also_not"]) {
      EXPECT_TRUE((out >> find_isolation_model(name).value() & 1U) != 0)
          << test_case["id"] << " " << name;
    }
    EXPECT_EQ(static_cast<std::size_t>(__builtin_popcountll(out)),
              expected["not"].size() + expected["also_not"].size())
        << test_case["id"];
  }
}

TEST(KnownTransactions, Verdicts) {
  const auto folder = test::histories_folder();
  if (!folder) GTEST_SKIP() << "SQUALL_HISTORIES is not set";
  std::ifstream file(*folder + "/VERDICTS.json");
  int checked = 0;
  for (const Json& entry : Json::parse(file)) {
    const std::string path = entry["file"];
    const std::string check = entry["check"];
    if (check == "list-append" && entry["level"] != "by_model") {
      const Verdict verdict =
          run("list-append:model=" + entry["level"].get<std::string>(), read(*folder + "/" + path));
      EXPECT_EQ(verdict.answer, answer_of(entry["expected"])) << path << ": " << verdict.summary;
      ++checked;
    } else if (check == "list-append" || check == "rw-txn sessions") {
      const Recording recording = read(*folder + "/" + path);
      for (const auto& [model, expected] : entry["expected"].items()) {
        const std::string request = check == "list-append" ? "list-append:model=" + model : model;
        const Verdict verdict = run(request, recording);
        EXPECT_EQ(verdict.answer, answer_of(expected))
            << path << " " << request << ": " << verdict.summary;
        ++checked;
      }
    } else if (check == "rw-register") {
      const Verdict verdict = run("rw-register", read(*folder + "/" + path));
      EXPECT_EQ(verdict.answer, answer_of(entry["expected"])) << path << ": " << verdict.summary;
      ++checked;
    }
  }
  EXPECT_GT(checked, 100);
}

}  // namespace
}  // namespace squall
