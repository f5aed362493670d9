// model-version: nobody is sent back to an older configuration of a model.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <tuple>

#include "checker/explain.h"
#include "checker/inference_replies.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"bound",
     ParamType::kDuration,
     "1s",
     "how long after an activation was first seen a cohort may still get what was before",
     {}},
    {"per", ParamType::kChoice, "both",
     "whose versions may not go back: each user's, each cohort's, or both", "user|cohort|both"},
    {"order", ParamType::kChoice, "epoch",
     "what grows: the configuration's epoch, or the model's version as a number", "epoch|version"},
};

struct Seen {
  const InferenceOp* op = nullptr;
  std::int64_t rank = 0;  // the epoch, or the version
  Interval interval;      // certain
};

// Of two replies in one stream, the later one is older.
struct Regress {
  const Seen* newer = nullptr;
  const Seen* older = nullptr;
};

// A user or a cohort of one model.
struct Stream {
  ValueId model = kAbsent;
  std::string name;
  friend bool operator<(const Stream& a, const Stream& b) {
    return std::tie(a.model, a.name) < std::tie(b.model, b.name);
  }
};
using Streams = std::map<Stream, std::vector<const Seen*>>;

std::optional<std::int64_t> rank_of(const InferenceReply& reply, bool is_by_version) {
  if (!is_by_version) return reply.epoch > 0 ? std::optional(reply.epoch) : std::nullopt;
  std::int64_t version = 0;
  const char* const end = reply.version.data() + reply.version.size();
  const auto parsed = std::from_chars(reply.version.data(), end, version);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return version;
}

// Every reply that was sent more than `bound` after a newer one had come back, each with the newest
// of those.
//
//   completed   ----2|      ---3|
//   sent                |2---      |2---     the second one is behind 3
std::vector<Regress> regressions(const std::vector<const Seen*>& stream, std::int64_t bound) {
  std::vector<const Seen*> by_completed = stream;
  std::vector<const Seen*> by_sent = stream;
  std::stable_sort(by_completed.begin(), by_completed.end(), [](const Seen* a, const Seen* b) {
    return a->interval.completed < b->interval.completed;
  });
  std::stable_sort(by_sent.begin(), by_sent.end(), [](const Seen* a, const Seen* b) {
    return a->interval.sent < b->interval.sent;
  });
  std::vector<Regress> found;
  const Seen* newest = nullptr;
  std::size_t done = 0;
  for (const Seen* later : by_sent) {
    for (; done < by_completed.size(); ++done) {
      const Seen* candidate = by_completed[done];
      if (shifted(candidate->interval.completed, bound) >= later->interval.sent) break;
      if (newest == nullptr || candidate->rank > newest->rank) newest = candidate;
    }
    if (newest != nullptr && newest->rank > later->rank) found.push_back({newest, later});
  }
  return found;
}

// In one configuration a cohort has one version; whatever the times.
std::vector<Regress> conflicts(const std::vector<const Seen*>& stream) {
  std::map<std::int64_t, const Seen*> first;
  std::vector<Regress> found;
  for (const Seen* seen : stream) {
    const Seen* known = first.emplace(seen->rank, seen).first->second;
    if (known->op->reply.version != seen->op->reply.version) found.push_back({known, seen});
  }
  return found;
}

enum class Rule { kUser, kCohort, kConflict };

struct Offence {
  Rule rule = Rule::kUser;
  Stream stream;
  Regress regress;
};

std::string reply_text(const Seen& seen) {
  const InferenceReply& reply = seen.op->reply;
  std::string text = "version " + reply.version;
  if (reply.epoch > 0) text += " of epoch " + std::to_string(reply.epoch);
  if (!reply.gateway.empty()) text += " from " + reply.gateway;
  return text + " (" + operation_name(seen.op->op) + ")";
}

Witness explain(const History& history, const Offence& offence) {
  const Seen& newer = *offence.regress.newer;
  const Seen& older = *offence.regress.older;
  Witness witness{{std::min(newer.op->op, older.op->op), std::max(newer.op->op, older.op->op)},
                  key_prefix(history.values(), offence.stream.model)};
  witness.why +=
      (offence.rule == Rule::kUser ? "user " : "cohort ") + offence.stream.name + " got ";
  if (offence.rule == Rule::kConflict) {
    witness.why += reply_text(newer) + " and " + reply_text(older);
    return witness;
  }
  witness.why += reply_text(older) + ", sent " +
                 seconds(shifted(older.interval.sent, -newer.interval.completed)) +
                 " after the reply with " + reply_text(newer);
  return witness;
}

struct Judged {
  std::vector<Seen> seen;
  std::size_t unranked = 0;
  Streams users;
  Streams cohorts;
  std::vector<Offence> offences;
  std::size_t count[3] = {};  // by Rule
};

void add_offences(Rule rule, const Stream& stream, const std::vector<Regress>& found,
                  Judged& judged) {
  judged.count[static_cast<std::size_t>(rule)] += found.size();
  for (std::size_t i = 0; i < std::min(found.size(), kMaxWitnesses); ++i) {
    judged.offences.push_back({rule, stream, found[i]});
  }
}

void read(const CheckInput& input, const std::vector<InferenceOp>& replies, Judged& judged) {
  const History& history = input.recording.history;
  const bool is_by_version = input.params.text("order") == "version";
  for (const InferenceOp& op : replies) {
    const std::optional<std::int64_t> rank = rank_of(op.reply, is_by_version);
    if (!rank) continue;
    judged.seen.push_back({&op, *rank, certain_interval(history, op.op)});
  }
  judged.unranked = replies.size() - judged.seen.size();
  for (const Seen& seen : judged.seen) {
    const ValueId model = history.key()[seen.op->op];
    judged.users[{model, seen.op->request.user}].push_back(&seen);
    if (seen.op->reply.cohort.empty()) continue;
    judged.cohorts[{model, seen.op->reply.cohort}].push_back(&seen);
  }
}

void judge(const CheckInput& input, Judged& judged) {
  const std::string& per = input.params.text("per");
  const std::int64_t bound = input.params.duration("bound").count();
  if (per != "cohort") {
    for (const auto& [stream, seen] : judged.users) {
      add_offences(Rule::kUser, stream, regressions(seen, 0), judged);
    }
  }
  if (per == "user") return;
  for (const auto& [stream, seen] : judged.cohorts) {
    add_offences(Rule::kCohort, stream, regressions(seen, bound), judged);
    if (input.params.text("order") == "epoch") {
      add_offences(Rule::kConflict, stream, conflicts(seen), judged);
    }
  }
}

std::uint64_t examined(const CheckInput& input, const Judged& judged) {
  if (input.params.text("per") != "cohort") return judged.seen.size();
  std::uint64_t with_cohort = 0;
  for (const auto& [stream, seen] : judged.cohorts) with_cohort += seen.size();
  return with_cohort;
}

std::string nothing_seen(const std::vector<InferenceOp>& replies) {
  if (replies.empty()) return "no inference call was answered";
  return "none of " + std::to_string(replies.size()) +
         " replies says which configuration it came from";
}

Verdict check(const CheckInput& input) {
  const History& history = input.recording.history;
  const std::vector<InferenceOp> replies = inference_replies(history, input.params.text("client"));
  Judged judged;
  read(input, replies, judged);
  judge(input, judged);
  std::stable_sort(judged.offences.begin(), judged.offences.end(),
                   [](const Offence& a, const Offence& b) {
                     return a.regress.older->op->op < b.regress.older->op->op;
                   });
  std::vector<Witness> witnesses;
  for (std::size_t i = 0; i < std::min(judged.offences.size(), kMaxWitnesses); ++i) {
    witnesses.push_back(explain(history, judged.offences[i]));
  }
  const std::size_t violations = judged.count[0] + judged.count[1] + judged.count[2];
  const std::string all_well = counted(examined(input, judged), "inference call") + " of " +
                               counted(judged.users.size(), "user") + " in " +
                               counted(judged.cohorts.size(), "cohort") + ", none behind another";
  Verdict verdict =
      conclude(examined(input, judged), std::move(witnesses), all_well, nothing_seen(replies));
  if (violations > 0) {
    const Window window = window_of(history, verdict.witnesses.front());
    verdict.summary =
        verdict.witnesses.front().why + while_faults(input.recording, window.from, window.to);
    if (violations > 1) verdict.summary += " (and " + std::to_string(violations - 1) + " more)";
  }
  verdict.facts = {{"replies", std::to_string(replies.size())},
                   {"users", std::to_string(judged.users.size())},
                   {"cohorts", std::to_string(judged.cohorts.size())},
                   {"users sent back", std::to_string(judged.count[0])},
                   {"cohorts sent back after the bound", std::to_string(judged.count[1])},
                   {"two versions in one epoch", std::to_string(judged.count[2])},
                   {"replies without an epoch or version", std::to_string(judged.unranked)}};
  return verdict;
}

}  // namespace

const CheckerRow& model_version_row() {
  static const CheckerRow kRow{
      "model-version", "nobody is sent back to an older configuration of a model",
      "Replies of inference calls say from which configuration epoch (order=epoch) or model "
      "version "
      "(order=version, as a number) they came. Per user, a reply may not be older than one that "
      "had "
      "come back before it was asked for, through whatever gateway. Per cohort and model, once any "
      "reply of an epoch has come back and 'bound' has passed, no request that is sent later may "
      "be "
      "answered from an older one; and within one epoch a cohort has one version. A configuration "
      "that is rolled back has a new, higher epoch. Clock bounds shrink what counts as before. "
      "Replies that do not say are left out. The witness is a pair of replies. O(n log n).",
      kParams, check};
  return kRow;
}

}  // namespace squall
