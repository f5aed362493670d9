// set: what the last read of a set has, and what it should have.
#include <algorithm>
#include <unordered_set>

#include "checker/collection_ops.h"
#include "checker/explain.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {kClientParam};

using ValueSet = std::unordered_set<ValueId>;

// One set at its last read.
struct LastRead {
  OpIndex read = 0;
  std::vector<OpIndex> lost;        // acknowledged adds that it lacks
  std::vector<ValueId> unexpected;  // elements that nobody had tried to add
  std::uint64_t present = 0;        // elements that somebody had tried to add
  std::uint64_t unread = 0;         // acknowledged too late for it to have to have them
  std::uint64_t recovered = 0;      // of those, the ones that were never acknowledged
};

ValueSet values_of(const History& history, const std::vector<OpIndex>& ops) {
  ValueSet values;
  for (const OpIndex op : ops) values.insert(history.value()[op]);
  return values;
}

LastRead compare(const History& history, const CollectionOps& adds, OpIndex read) {
  LastRead last;
  last.read = read;
  const ValueSet attempts = values_of(history, adds.attempts);
  const ValueSet acknowledged = values_of(history, adds.acknowledged);
  ValueSet seen;
  for (const ValueId item : items_of(history.values(), history.value()[read])) {
    if (!seen.insert(item).second) continue;
    if (attempts.count(item) == 0) {
      last.unexpected.push_back(item);
      continue;
    }
    ++last.present;
    if (acknowledged.count(item) == 0) ++last.recovered;
  }
  const std::int64_t began = certain_interval(history, read).sent;
  for (const OpIndex add : adds.acknowledged) {
    if (!seen.insert(history.value()[add]).second) continue;
    if (certain_interval(history, add).completed < began) {
      last.lost.push_back(add);
    } else {
      ++last.unread;
    }
  }
  return last;
}

std::string value_of(const History& history, OpIndex op) {
  return value_text(history.values(), history.value()[op]);
}

void add_witnesses(const History& history, ValueId key, const LastRead& last,
                   std::vector<Witness>& witnesses) {
  const std::string where = key_prefix(history.values(), key);
  if (!last.lost.empty()) {
    const OpIndex add = last.lost.front();
    witnesses.push_back({{std::min(add, last.read), std::max(add, last.read)},
                         where + counted(last.lost.size(), "acknowledged add") +
                             " missing from the last read (" + operation_name(last.read) + ")" +
                             (last.lost.size() > 1 ? "; first: " : ": ") + "add " +
                             value_of(history, add) + " (" + operation_name(add) + ")"});
  }
  if (last.unexpected.empty()) return;
  witnesses.push_back({{last.read},
                       where + "the last read (" + operation_name(last.read) + ") has " +
                           counted(last.unexpected.size(), "element") +
                           " that nobody had tried to add" +
                           (last.unexpected.size() > 1 ? "; first: " : ": ") +
                           value_text(history.values(), last.unexpected.front())});
}

struct Totals {
  std::uint64_t attempts = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t present = 0;
  std::uint64_t recovered = 0;
  std::uint64_t lost = 0;
  std::uint64_t unexpected = 0;
  std::uint64_t unread = 0;  // acknowledged adds after which nobody read
};

std::vector<std::pair<std::string, std::string>> facts_of(const Totals& totals) {
  return {{"adds", std::to_string(totals.attempts)},
          {"acknowledged", std::to_string(totals.acknowledged)},
          {"present", std::to_string(totals.present)},
          {"recovered", std::to_string(totals.recovered)},
          {"lost", std::to_string(totals.lost)},
          {"unexpected", std::to_string(totals.unexpected)}};
}

Verdict check(const CheckInput& input) {
  const History& history = input.recording.history;
  const std::string client = input.params.text("client");
  auto adds = split_collection(history, client, "add");
  auto reads = split_collection(history, client, "read");
  Totals totals;
  std::vector<Witness> witnesses;
  std::uint64_t examined = 0;
  for (const auto& [key, ops] : reads) (void)adds[key];
  for (const auto& [key, ops] : adds) {
    totals.attempts += ops.attempts.size();
    totals.acknowledged += ops.acknowledged.size();
    std::vector<OpIndex> lists = by_return(history, reads[key].acknowledged);
    std::erase_if(lists, [&](OpIndex op) {
      return history.values().kind(history.value()[op]) != ValueKind::kList;
    });
    if (lists.empty()) {
      totals.unread += ops.acknowledged.size();
      continue;
    }
    const LastRead last = compare(history, ops, lists.back());
    totals.present += last.present;
    totals.recovered += last.recovered;
    totals.lost += last.lost.size();
    totals.unexpected += last.unexpected.size();
    totals.unread += last.unread;
    examined += 1 + last.present + last.lost.size() + last.unexpected.size();
    add_witnesses(history, key, last, witnesses);
  }
  Verdict verdict = conclude(examined, std::move(witnesses),
                             counted(totals.present, "element") + " in the last read, none lost",
                             "the set was never read");
  if (verdict.answer == Answer::kValid && totals.unread > 0) {
    verdict.answer = Answer::kUnknown;
    verdict.summary = "no read began after " + counted(totals.unread, "acknowledged add");
  }
  verdict.facts = facts_of(totals);
  return verdict;
}

}  // namespace

const CheckerRow& set_row() {
  static const CheckerRow kRow{
      "set", "the last read of a set has what was added, and nothing else",
      "Operations are add (value: the element) and read (value: the whole set as a list). "
      "Semantics "
      "as in Jepsen's set: of the reads that returned, the last one counts. Every element whose "
      "add "
      "was acknowledged before it began must be in it, and nothing that nobody had tried to add, "
      "be it in vain. "
      "Without a read after them the answer is unknown. Earlier reads say nothing here: set-full "
      "looks at all "
      "of them. Runs in time linear in the operations and the last read.",
      kParams, check};
  return kRow;
}

}  // namespace squall
