// set-full: what was acknowledged stays.
#include <algorithm>

#include "checker/explain.h"
#include "checker/rows.h"
#include "checker/set_elements.h"

namespace squall {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::size_t kMaxElementsNamed = 20;

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"linearizable",
     ParamType::kBoolean,
     "false",
     "an element that a read misses after it was known is a violation even if it comes back",
     {}},
    {"bounded-loss",
     ParamType::kDuration,
     "",
     "tolerate losses of what was acknowledged within this time after the fault's start",
     {}},
    {"fault",
     ParamType::kText,
     "",
     "the fault (its name in the scenario) from which times are counted; the last one if empty",
     {}},
};

using Elements = std::vector<const SetElement*>;

std::int64_t known_at(const SetElement& element) {
  return element.acknowledged.value_or(element.known.value_or(0));
}

Elements with_fate(const SetAnalysis& analysis, Fate fate) {
  Elements chosen;
  for (const SetElement& element : analysis.elements) {
    if (element.fate == fate) chosen.push_back(&element);
  }
  return chosen;
}

struct Span {
  std::int64_t first = kNever;
  std::int64_t last = 0;
};

Span span_of(const Elements& elements) {
  Span span;
  for (const SetElement* element : elements) {
    span.first = std::min(span.first, known_at(*element));
    span.last = std::max(span.last, known_at(*element));
  }
  return span;
}

// "3.1–8.4s after the cut"
std::string when(const Span& span, const Reference& reference) {
  if (span.first >= reference.at) {
    return seconds_range(span.first - reference.at, span.last - reference.at) + " after " +
           reference.name;
  }
  if (span.last < reference.at) {
    return seconds_range(reference.at - span.last, reference.at - span.first) + " before " +
           reference.name;
  }
  return "from " + seconds(reference.at - span.first) + " before to " +
         seconds(span.last - reference.at) + " after " + reference.name;
}

std::string first_add(const Values& values, const Elements& lost) {
  const auto by_time = [](const SetElement* a, const SetElement* b) {
    return known_at(*a) < known_at(*b);
  };
  const SetElement& first = **std::min_element(lost.begin(), lost.end(), by_time);
  return "add " + value_text(values, first.value) + " (" + operation_name(first.add) + ")";
}

Elements only_acknowledged(const Elements& elements, bool is_acknowledged) {
  Elements chosen;
  for (const SetElement* element : elements) {
    if (element->acknowledged.has_value() == is_acknowledged) chosen.push_back(element);
  }
  return chosen;
}

// "37 acknowledged adds lost, all acknowledged 3.1–8.4s after the cut; first: add 204 (…)"
std::string sentence(const Values& values, const Elements& lost, const Reference& reference,
                     const std::string& outside) {
  const Elements acknowledged = only_acknowledged(lost, true);
  const Elements seen = only_acknowledged(lost, false);
  const Elements& main = acknowledged.empty() ? seen : acknowledged;
  const char* const verb = acknowledged.empty() ? "first read " : "acknowledged ";
  std::string text =
      counted(main.size(), acknowledged.empty() ? "unacknowledged add" : "acknowledged add") +
      " lost" + outside + ", " + (main.size() > 1 ? "all " : "") + verb +
      when(span_of(main), reference);
  if (!acknowledged.empty() && !seen.empty()) {
    text += ", and " + std::to_string(seen.size()) + " that a read had returned";
  }
  return text + (lost.size() > 1 ? "; first: " : ": ") + first_add(values, main);
}

Witness explain_loss(const History& history, const Elements& lost, const Reference& reference,
                     const std::string& outside) {
  Witness witness;
  witness.why = sentence(history.values(), lost, reference, outside);
  witness.operations = {lost.front()->add, *lost.front()->last_absent};
  std::sort(witness.operations.begin(), witness.operations.end());
  return witness;
}

// The losses that no bound excuses, and what the bound is called.
struct Losses {
  Elements all;
  Elements inexcusable;
  Reference reference;
  std::string outside;  // " outside the bound of 4s after the cut", or ""
};

Losses find_losses(const CheckInput& input, const SetAnalysis& analysis) {
  Losses losses;
  losses.all = with_fate(analysis, Fate::kLost);
  losses.inexcusable = losses.all;
  if (losses.all.empty()) return losses;
  const Params& params = input.params;
  losses.reference =
      reference_for(input.recording, params.text("fault"), span_of(losses.all).first);
  if (!params.has("bounded-loss") || !losses.reference.is_fault) return losses;
  const std::int64_t start = losses.reference.at;
  const std::int64_t until = start + params.duration("bounded-loss").count();
  std::erase_if(losses.inexcusable, [&](const SetElement* element) {
    return known_at(*element) >= start && known_at(*element) <= until;
  });
  losses.outside = " outside the bound of " + seconds(until - start);
  return losses;
}

// "31 acknowledged adds lost, the last acknowledged 3.8s after the cut, within the bound of 4s"
std::string excused(const CheckInput& input, const Losses& losses) {
  const Elements acknowledged = only_acknowledged(losses.all, true);
  const std::size_t seen = losses.all.size() - acknowledged.size();
  const Elements& main = acknowledged.empty() ? losses.all : acknowledged;
  const std::int64_t last = span_of(main).last;
  return counted(main.size(), acknowledged.empty() ? "unacknowledged add" : "acknowledged add") +
         " lost, " + (main.size() > 1 ? "the last " : "") +
         (acknowledged.empty() ? "first read " : "acknowledged ") +
         when({last, last}, losses.reference) +
         (acknowledged.empty() || seen == 0
              ? ""
              : ", and " + std::to_string(seen) + " that a read had returned") +
         ", within the bound of " + seconds(input.params.duration("bounded-loss").count());
}

Elements find_stale(const SetAnalysis& analysis) {
  Elements stale = with_fate(analysis, Fate::kStable);
  std::erase_if(stale, [](const SetElement* e) { return e->stable_latency < kMillisecond; });
  return stale;
}

Witness explain_stale(const History& history, const Elements& stale) {
  const SetElement& worst =
      **std::max_element(stale.begin(), stale.end(), [](const SetElement* a, const SetElement* b) {
        return a->stable_latency < b->stable_latency;
      });
  return {{worst.add, *worst.last_absent, *worst.last_present},
          counted(stale.size(), "element") + " missing from a read after it was known; longest: " +
              value_text(history.values(), worst.value) + " (add: " + operation_name(worst.add) +
              "), for " + seconds(worst.stable_latency)};
}

Witness explain_duplicates(const History& history, const SetAnalysis& analysis) {
  const SetDuplicate& first = analysis.duplicates.front();
  return {{first.read},
          counted(analysis.duplicates.size(), "element") +
              " returned more than once; first: " + value_text(history.values(), first.value) +
              ", " + std::to_string(first.times) + " times by " + operation_name(first.read)};
}

std::string list_lost(const Values& values, const Elements& lost) {
  std::string text;
  for (std::size_t i = 0; i < std::min(lost.size(), kMaxElementsNamed); ++i) {
    text += (i == 0 ? "" : ", ") + value_text(values, lost[i]->value);
  }
  return lost.size() > kMaxElementsNamed ? text + ", …" : text;
}

void add_facts(const History& history, const SetAnalysis& analysis, const Losses& losses,
               Verdict& verdict) {
  const auto acknowledged = std::count_if(analysis.elements.begin(), analysis.elements.end(),
                                          [](const SetElement& e) { return !!e.acknowledged; });
  const auto size = [](const Elements& elements) { return std::to_string(elements.size()); };
  verdict.facts = {{"adds", std::to_string(analysis.elements.size())},
                   {"acknowledged", std::to_string(acknowledged)},
                   {"reads", std::to_string(analysis.reads)},
                   {"stable", size(with_fate(analysis, Fate::kStable))},
                   {"lost", size(losses.all)},
                   {"never read", size(with_fate(analysis, Fate::kNeverRead))},
                   {"stale", size(find_stale(analysis))},
                   {"duplicated", std::to_string(analysis.duplicates.size())},
                   {"unexpected", std::to_string(analysis.unexpected)}};
  if (!losses.all.empty()) {
    verdict.facts.emplace_back("lost elements", list_lost(history.values(), losses.all));
  }
}

std::vector<Witness> find_witnesses(const CheckInput& input, const SetAnalysis& analysis,
                                    const Losses& losses) {
  const History& history = input.recording.history;
  std::vector<Witness> witnesses;
  if (!losses.inexcusable.empty()) {
    witnesses.push_back(
        explain_loss(history, losses.inexcusable, losses.reference, losses.outside));
  }
  if (!analysis.duplicates.empty()) witnesses.push_back(explain_duplicates(history, analysis));
  const Elements stale = find_stale(analysis);
  if (input.params.boolean("linearizable") && !stale.empty()) {
    witnesses.push_back(explain_stale(history, stale));
  }
  return witnesses;
}

Verdict check(const CheckInput& input) {
  const History& history = input.recording.history;
  const SetAnalysis analysis =
      analyse_sets(history, Selection(history, input.params.text("client")));
  const Losses losses = find_losses(input, analysis);
  const std::size_t stable = with_fate(analysis, Fate::kStable).size();
  const Elements unread = only_acknowledged(with_fate(analysis, Fate::kNeverRead), true);
  const std::string all_well =
      losses.all.empty() ? counted(stable, "element") + " added and there to stay, none lost"
      : losses.inexcusable.empty() ? excused(input, losses)
                                   : "";
  const std::string nothing =
      analysis.reads == 0 ? "the set was never read" : "no read says what became of any add";
  Verdict verdict = conclude(stable + losses.all.size() + analysis.duplicates.size(),
                             find_witnesses(input, analysis, losses), all_well, nothing);
  if (verdict.answer == Answer::kValid && (stable == 0 || !unread.empty())) {
    verdict.answer = Answer::kUnknown;
    verdict.summary = stable == 0
                          ? "no element stayed: " + verdict.summary
                          : "no read began after " + counted(unread.size(), "acknowledged add") +
                                ", so nobody knows what became of " +
                                (unread.size() == 1 ? "it" : "them");
  }
  add_facts(history, analysis, losses, verdict);
  return verdict;
}

// Certain before the end are duplicates; and of an element that a read missed, that it is not where
// it was known to be, but not that it will not come back.
Verdict check_early(const CheckInput& input) {
  const History& history = input.recording.history;
  SetAnalysis analysis = analyse_sets(history, Selection(history, input.params.text("client")));
  for (SetElement& element : analysis.elements) {
    if (element.fate != Fate::kLost) continue;
    element.fate = Fate::kStable;
    element.stable_latency =
        shifted(history.sent()[*element.last_absent], 1 - element.known.value_or(0));
    if (!element.last_present) element.last_present = element.last_absent;
  }
  return conclude(analysis.reads, find_witnesses(input, analysis, {}), "nothing is certain yet",
                  "the set was never read");
}

}  // namespace

const CheckerRow& set_full_row() {
  static const CheckerRow kRow{
      "set-full",
      "no element whose add was acknowledged is lost",
      "Operations are add (value: the element, unique) and read (value: the whole set as a list). "
      "Semantics as in Jepsen's set-full: an element is known once its add was acknowledged or a "
      "read returned it. It is lost if a read that began after that misses it and no read that "
      "began later has it; stable if the last read has it; stale if a read missed it between; "
      "never "
      "read otherwise. Lost and duplicated elements are violations, stale ones if linearizable. "
      "Acknowledged adds after which nobody read make the answer unknown: end with a read. "
      "bounded-loss is for stores that promise to lose only what was acknowledged shortly after a "
      "fault began; what was lost is still said. Runs in time linear in what the reads returned.",
      kParams,
      check,
      nullptr,
      {check_early, true}};
  return kRow;
}

}  // namespace squall
