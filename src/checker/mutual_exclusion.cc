// mutual-exclusion: at most one process holds the lock, or at most one acts under it.
#include <algorithm>
#include <set>

#include "checker/explain.h"
#include "checker/lock_holds.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"evidence", ParamType::kChoice, "auto",
     "what counts: writes under a lock that another process has got meanwhile (effects), two "
     "processes that hold it at once (claims), or effects if there are writes (auto)",
     "effects|claims|auto"},
};

struct Overlap {
  const Hold* first = nullptr;
  const Hold* second = nullptr;
  std::int64_t until = 0;
};

// Each hold with the one that lasts longest of those that began before it, if they overlap.
// `holds` is sorted by lock and beginning.
std::vector<Overlap> find_overlaps(const std::vector<Hold>& holds) {
  std::vector<Overlap> overlaps;
  // The longest-lasting hold so far, and the longest-lasting one of any other process.
  const Hold* longest = nullptr;
  const Hold* runner_up = nullptr;
  for (const Hold& hold : holds) {
    if (longest != nullptr && longest->lock != hold.lock) longest = runner_up = nullptr;
    if (hold.until < hold.from) continue;  // less than its clock's error: not certain
    const Hold* other =
        longest != nullptr && longest->process == hold.process ? runner_up : longest;
    if (other != nullptr && other->until > hold.from) {
      overlaps.push_back({other, &hold, std::min(other->until, hold.until)});
    }
    if (longest == nullptr || hold.until > longest->until) {
      if (longest != nullptr && longest->process != hold.process) runner_up = longest;
      longest = &hold;
    } else if (hold.process != longest->process &&
               (runner_up == nullptr || hold.until > runner_up->until)) {
      runner_up = &hold;
    }
  }
  return overlaps;
}

std::string lock_name(const History& history, ValueId lock) {
  return lock == kAbsent ? "the lock" : "lock " + value_text(history.values(), lock);
}

Witness explain_overlap(const History& history, const Overlap& overlap) {
  const std::string first = process_name(history, overlap.first->acquire);
  const std::string second = process_name(history, overlap.second->acquire);
  Witness witness;
  witness.operations = {overlap.first->acquire, overlap.second->acquire};
  witness.why = second + " acquired " + lock_name(history, overlap.second->lock) + " at " +
                seconds(overlap.second->from) + " while " + first + " held it from " +
                seconds(overlap.first->from) + " to " + seconds(overlap.first->until);
  return witness;
}

// Somebody who held the lock, acquired it after the writer did, and when the write was sent.
class Intruders {
 public:
  Intruders(const History& history, const std::vector<Hold>& holds)
      : history_(history), holds_(holds), latest_end_(holds.size()) {
    for (std::size_t i = 0; i < holds.size(); ++i) {
      latest_end_[i] = holds[i].until;
      if (i > 0 && holds[i - 1].lock == holds[i].lock) {
        latest_end_[i] = std::max(latest_end_[i], latest_end_[i - 1]);
      }
    }
  }

  [[nodiscard]] const Hold* find(const GuardedWrite& write) const {
    const std::int64_t sent = history_.sent()[write.write];
    const std::int64_t error = clock_error(history_, write.write);
    const std::int64_t earliest = shifted(sent, -error);
    const std::int64_t latest = shifted(sent, error);
    const auto after = std::partition_point(holds_.begin(), holds_.end(), [&](const Hold& hold) {
      return hold.lock < write.lock || (hold.lock == write.lock && hold.from < earliest);
    });
    for (auto i = static_cast<std::size_t>(after - holds_.begin()); i-- > 0;) {
      const Hold& hold = holds_[i];
      if (hold.lock != write.lock || latest_end_[i] <= latest) return nullptr;
      if (hold.process == history_.process()[write.write] || hold.until <= latest) continue;
      if (!write.acquire || is_certainly_later(history_, hold.acquire, *write.acquire)) {
        return &hold;
      }
    }
    return nullptr;
  }

 private:
  const History& history_;
  const std::vector<Hold>& holds_;
  std::vector<std::int64_t> latest_end_;
};

Witness explain_write(const History& history, const GuardedWrite& write, const Hold& holder) {
  const std::int64_t sent = history.sent()[write.write];
  Witness witness;
  if (write.acquire) witness.operations.push_back(*write.acquire);
  witness.operations.push_back(holder.acquire);
  witness.operations.push_back(write.write);
  const std::int64_t acquired = history.completed()[holder.acquire];
  witness.why = process_name(history, write.write) + " wrote under " +
                lock_name(history, write.lock) + " at " + seconds(sent) + ", " +
                seconds(sent - acquired) + " after " + process_name(history, holder.acquire) +
                " had acquired it (";
  witness.why += write.acquire ? "its own acquire ended at " +
                                     seconds(history.completed()[*write.acquire]) + ")"
                               : "it had never acquired it itself)";
  return witness;
}

std::vector<Witness> judge_writes(const History& history, const LockHistory& locks,
                                  std::size_t& count) {
  std::vector<Witness> witnesses;
  const Intruders intruders(history, locks.holds);
  for (const GuardedWrite& write : locks.writes) {
    const Hold* holder = intruders.find(write);
    if (holder == nullptr) continue;
    if (++count <= kMaxWitnesses) witnesses.push_back(explain_write(history, write, *holder));
  }
  return witnesses;
}

Verdict unknown(std::uint64_t examined, const std::string& why) {
  Verdict verdict;
  verdict.examined = examined;
  verdict.summary = why;
  return verdict;
}

std::string nothing_to_judge(const LockHistory& locks, bool is_by_effects) {
  if (locks.holds.empty()) return "nobody acquired the lock";
  std::set<ProcessIndex> holders;
  for (const Hold& hold : locks.holds) holders.insert(hold.process);
  if (holders.size() == 1) {
    return "only one process ever acquired the lock: nobody could get in its way";
  }
  return is_by_effects && locks.writes.empty() ? "no write under the lock was acknowledged" : "";
}

void add_facts(const LockHistory& locks, const std::vector<Overlap>& overlaps, Verdict& verdict) {
  std::int64_t longest = 0;
  for (const Overlap& overlap : overlaps) {
    longest = std::max(longest, overlap.until - overlap.second->from);
  }
  verdict.facts = {{"acquisitions", std::to_string(locks.holds.size())},
                   {"writes", std::to_string(locks.writes.size())},
                   {"overlaps", std::to_string(overlaps.size())},
                   {"longest overlap", seconds(longest)}};
}

std::string all_well(const LockHistory& locks, bool is_by_effects) {
  const std::string held = counted(locks.holds.size(), "acquisition");
  if (!is_by_effects) return held + ", never two holders at once";
  return held + " and " + counted(locks.writes.size(), "write") +
         ", none after another process had acquired the lock";
}

Verdict judge(const CheckInput& input, bool is_over) {
  const History& history = input.recording.history;
  const LockHistory locks = read_locks(history, Selection(history, input.params.text("client")));
  const std::string& evidence = input.params.text("evidence");
  // Before the end, writes may yet come.
  const bool is_by_effects =
      evidence == "effects" || (evidence == "auto" && (locks.has_writes || !is_over));
  const std::vector<Overlap> overlaps = find_overlaps(locks.holds);
  const std::string nothing = nothing_to_judge(locks, is_by_effects);
  if (!nothing.empty()) {
    Verdict verdict = unknown(locks.holds.size(), nothing);
    add_facts(locks, overlaps, verdict);
    return verdict;
  }
  std::size_t count = 0;
  std::vector<Witness> witnesses;
  if (is_by_effects) {
    witnesses = judge_writes(history, locks, count);
  } else {
    count = overlaps.size();
    for (std::size_t i = 0; i < std::min(count, kMaxWitnesses); ++i) {
      witnesses.push_back(explain_overlap(history, overlaps[i]));
    }
  }
  Verdict verdict =
      conclude(locks.holds.size(), std::move(witnesses), all_well(locks, is_by_effects), "");
  if (!verdict.witnesses.empty()) {
    const Window window = window_of(history, verdict.witnesses.front());
    verdict.summary =
        verdict.witnesses.front().why + while_faults(input.recording, window.from, window.to);
    if (count > 1) verdict.summary += " (and " + std::to_string(count - 1) + " more)";
  }
  add_facts(locks, overlaps, verdict);
  return verdict;
}

Verdict check(const CheckInput& input) {
  return judge(input, true);
}
Verdict check_early(const CheckInput& input) {
  return judge(input, false);
}

}  // namespace

const CheckerRow& mutual_exclusion_row() {
  static const CheckerRow kRow{
      "mutual-exclusion",
      "at most one process at a time holds a lock, or acts under it",
      "A lock client records acquire (value: its fencing token or nil; key: the lock, if there are "
      "several), then any number of write, then release. A process certainly holds the lock from "
      "the return of its acquire until it sends its release; if that fails, until it is told so; "
      "and if it never asks, until the last it was seen doing. With evidence=claims two such "
      "intervals that overlap are a violation. With evidence=effects holding is not enough: an "
      "acknowledged write is a violation if, when it was sent, another process held the lock that "
      "had acquired it later (by the tokens, which grow, or by real time where there are none). A "
      "write that a fencing check rejected has failed and is none. Info operations are never "
      "evidence. Clock bounds shrink the intervals. Runs in O(n log n).",
      kParams,
      check,
      nullptr,
      {check_early, false}};
  return kRow;
}

}  // namespace squall
