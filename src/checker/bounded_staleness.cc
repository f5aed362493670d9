// bounded-staleness: no read returns what was replaced longer ago than the bound.
#include <algorithm>

#include "checker/explain.h"
#include "checker/rows.h"
#include "checker/staleness.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {
    {"bound", ParamType::kDuration, kRequired, "how stale a read may be", {}},
    kClientParam,
    {"reader",
     ParamType::kText,
     "",
     "the workload client whose reads are judged, if not the same as 'client'",
     {}},
    {"read", ParamType::kText, "read", "the name of the reads", {}},
    {"write", ParamType::kText, "write", "the name of the writes", {}},
    {"init", ParamType::kText, "nil", "the value of every key before the run, as JSON", {}},
};

std::string read_text(const History& history, OpIndex read) {
  const ValueId key = history.key()[read];
  const std::string prefix = key_prefix(history.values(), key);
  return prefix + process_name(history, read) + " read " +
         value_text(history.values(), history.value()[read]) + " at " +
         seconds(history.sent()[read]);
}

Witness explain(const History& history, const ReadAge& age) {
  if (!age.replaced_by) {
    return {{age.read}, read_text(history, age.read) + ", which nobody had written"};
  }
  const OpIndex write = *age.replaced_by;
  std::string written = value_text(history.values(), history.value()[write]);
  return {{write, age.read},
          read_text(history, age.read) + ", " + seconds(age.staleness) + " after " +
              process_name(history, write) + " had replaced it by " + written + " (" +
              operation_name(write) + ")"};
}

// The worst first, so that the summary tells the worst; the made-up ones before them.
void sort_by_harm(std::vector<ReadAge>& offences) {
  std::stable_sort(offences.begin(), offences.end(), [](const ReadAge& a, const ReadAge& b) {
    if (a.is_unwritten != b.is_unwritten) return a.is_unwritten;
    return a.staleness > b.staleness;
  });
}

std::int64_t quantile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, sorted.size() * percent / 100)];
}

void add_facts(const std::vector<ReadAge>& ages, std::int64_t bound, Verdict& verdict) {
  std::vector<std::int64_t> sorted;
  for (const ReadAge& age : ages) sorted.push_back(age.staleness);
  std::sort(sorted.begin(), sorted.end());
  const auto over = [&](std::int64_t limit) {
    return std::to_string(sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), limit));
  };
  verdict.facts = {{"reads", std::to_string(ages.size())},
                   {"stale reads", over(0)},
                   {"reads over the bound", over(bound)},
                   {"longest staleness", seconds(quantile(sorted, 100))},
                   {"median staleness", seconds(quantile(sorted, 50))},
                   {"p99 staleness", seconds(quantile(sorted, 99))}};
}

std::string summarise(const CheckInput& input, const std::vector<ReadAge>& offences,
                      std::size_t reads, const Verdict& verdict) {
  const auto made_up = static_cast<std::size_t>(std::count_if(
      offences.begin(), offences.end(), [](const ReadAge& a) { return a.is_unwritten; }));
  const std::size_t stale = offences.size() - made_up;
  std::string text;
  if (made_up > 0) {
    text = counted(made_up, "read") + " of values that nobody had written";
    if (stale > 0) text += ", ";
  }
  if (stale > 0) {
    text += std::to_string(stale) + " of " + counted(reads, "read") + " staler than " +
            to_text(input.params.duration("bound")) + ", by up to " +
            seconds(offences[made_up].staleness);
  }
  const Window window = window_of(input.recording.history, verdict.witnesses.front());
  return text + ": " + verdict.witnesses.front().why +
         while_faults(input.recording, window.from, window.to);
}

Verdict check(const CheckInput& input) {
  const Params& params = input.params;
  const History& history = input.recording.history;
  const std::vector<ReadAge> ages =
      read_ages(history, {params.text("client"), params.text("reader"), params.text("read"),
                          params.text("write"), params.text("init")});
  const std::int64_t bound = params.duration("bound").count();
  std::vector<ReadAge> offences;
  std::int64_t longest = 0;
  for (const ReadAge& age : ages) {
    longest = std::max(longest, age.staleness);
    if (age.is_unwritten || age.staleness > bound) offences.push_back(age);
  }
  sort_by_harm(offences);
  std::vector<Witness> witnesses;
  for (std::size_t i = 0; i < std::min(offences.size(), kMaxWitnesses); ++i) {
    witnesses.push_back(explain(history, offences[i]));
  }
  const std::string all_well = counted(ages.size(), "read") + ", none staler than " +
                               to_text(params.duration("bound")) +
                               " (longest: " + seconds(longest) + ")";
  Verdict verdict =
      conclude(ages.size(), std::move(witnesses), all_well, "no read was acknowledged");
  if (!offences.empty()) verdict.summary = summarise(input, offences, ages.size(), verdict);
  add_facts(ages, bound, verdict);
  return verdict;
}

}  // namespace

const CheckerRow& bounded_staleness_row() {
  static const CheckerRow kRow{
      "bounded-staleness", "no read returns a value that was replaced longer ago than the bound",
      "Every acknowledged read is compared with the acknowledged writes of its key. A value counts "
      "as replaced when a write returned that had been sent after the value's own write returned; "
      "the read's staleness is the time from that return to the sending of the read. This is what "
      "is certain: concurrent writes, writes whose outcome nobody knows and clock errors only make "
      "it smaller. Values should be unique per key; of several writes of one value the latest "
      "counts. A read of a value that nobody had tried to write is a violation whatever the bound. "
      "An acknowledged cas (value [from,to]) is a write of its second value. O(n log n).",
      kParams, check};
  return kRow;
}

}  // namespace squall
