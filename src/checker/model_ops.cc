// Splitting a history into the operations of a model.
#include "checker/model_ops.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include "checker/selection.h"

namespace squall {
namespace {

constexpr std::uint8_t kNoKind = 0xff;
constexpr std::int64_t kNobody = std::numeric_limits<std::int64_t>::min();
// More pairs of calls than this are not compared: a crashed operation then counts as of use.
constexpr std::size_t kMaxPairs = 4'000'000;

struct HashCall {
  std::size_t operator()(const ModelCall& call) const {
    std::uint64_t h = call.kind + call.args.size() * 0x9e37'79b9'7f4a'7c15ULL;
    for (const std::uint32_t word : call.args) {
      h = (h ^ (h >> 29U) ^ word) * 0xbf58'476d'1ce4'e5b9ULL;
    }
    return static_cast<std::size_t>(h ^ (h >> 32U));
  }
};
using CallNumbers = std::unordered_map<ModelCall, CallId, HashCall>;

bool is_name(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::size_t bar = std::min(names.find('|'), names.size());
    if (names.substr(0, bar) == name) return true;
    names.remove_prefix(std::min(bar + 1, names.size()));
  }
  return false;
}

std::vector<std::uint8_t> kinds_of(const Functions& functions, const Model& model) {
  std::vector<std::uint8_t> kinds(functions.size(), kNoKind);
  const auto names = model.functions();
  for (std::size_t f = 0; f < functions.size(); ++f) {
    for (std::uint8_t kind = 0; kind < names.size(); ++kind) {
      if (is_name(names[kind], functions.name(static_cast<FunctionId>(f)))) kinds[f] = kind;
    }
  }
  return kinds;
}

class Splitter {
 public:
  Splitter(const History& history, const ModelRow& row, const ModelOptions& options)
      : history_(history),
        row_(row),
        model_(row.make(history.values(), options)),
        kinds_(kinds_of(history.functions(), *model_)) {}

  Result<> add(OpIndex op);
  ModelParts take() { return std::move(parts_); }

 private:
  void put(OpIndex op, ModelCall call);
  [[nodiscard]] Error unsupported(OpIndex op, const std::string& why) const {
    return Error{Errc::kUnsupported,
                 "operation " + std::to_string(op) + " (" + history_.describe(op) + ") " + why};
  }

  const History& history_;
  const ModelRow& row_;
  std::unique_ptr<Model> model_;
  std::vector<std::uint8_t> kinds_;
  ModelParts parts_;
  std::map<std::pair<ValueId, std::uint32_t>, std::size_t> part_of_;
  std::vector<CallNumbers> numbers_;
};

Result<> Splitter::add(OpIndex op) {
  const Outcome outcome = history_.outcome()[op];
  const std::uint8_t kind = kinds_[history_.function()[op]];
  if (kind == kNoKind && outcome != Outcome::kFail) {
    return unsupported(op, "is not an operation of the model '" + std::string(row_.name) + "'");
  }
  if (outcome == Outcome::kFail) return {};
  Said said = model_->read({kind, outcome, history_.value()[op], history_.process()[op]});
  if (!said.complaint.empty()) return unsupported(op, said.complaint);
  if (said.call) put(op, std::move(*said.call));
  return {};
}

void Splitter::put(OpIndex op, ModelCall call) {
  const Outcome outcome = history_.outcome()[op];
  const CallTraits traits = model_->traits(call);
  if (outcome == Outcome::kInfo && traits.is_pure) return;
  if (outcome == Outcome::kOk) {
    ++parts_.seen;
    if (!traits.is_total) ++parts_.observations;
  }
  const ValueId key = row_.is_per_key ? history_.key()[op] : kAbsent;
  const auto [at, is_new] = part_of_.try_emplace({key, model_->part(call)}, parts_.parts.size());
  if (is_new) {
    parts_.parts.emplace_back().key = key;
    numbers_.emplace_back();
  }
  ModelPart& part = parts_.parts[at->second];
  const auto [number, is_new_call] =
      numbers_[at->second].try_emplace(call, static_cast<CallId>(part.calls.size()));
  if (is_new_call) part.calls.push_back(std::move(call));
  const Interval interval = certain_interval(history_, op);
  const std::int64_t returned =
      outcome == Outcome::kInfo ? kNever : std::max(interval.sent, interval.completed);
  part.ops.push_back({interval.sent, returned, number->second, op});
}

CallId number_of(std::vector<ModelCall>& calls, const ModelCall& call) {
  const auto found = std::find(calls.begin(), calls.end(), call);
  if (found != calls.end()) return static_cast<CallId>(found - calls.begin());
  calls.push_back(call);
  return static_cast<CallId>(calls.size() - 1);
}

// How long somebody may see whether each call happened.  A crashed operation that is of use needs
// others in turn, hence the loop.
class Usefulness {
 public:
  Usefulness(const Model& model, ModelCalls& all, const std::vector<OrderOp>& ops)
      : model_(model), all_(all), last_(all.calls.size(), kNobody), crashed_(all.calls.size(), 0) {
    for (const OrderOp& op : ops) {
      if (is_crashed(op)) {
        crashed_[op.call] = 1;
      } else {
        last_[op.call] = std::max(last_[op.call], op.returned);
      }
    }
  }

  void run() {
    std::vector<CallId> chosen;
    for (CallId call = 0; call < crashed_.size(); ++call) {
      if (crashed_[call] != 0) chosen.push_back(call);
    }
    if (chosen.size() * all_.calls.size() > kMaxPairs) return;
    for (const CallId call : chosen) all_.infos[call].useful_until = kNobody;
    for (bool is_changed = true; is_changed;) {
      is_changed = false;
      for (const CallId call : chosen) is_changed = update(call) || is_changed;
    }
  }

 private:
  bool update(CallId call) {
    std::int64_t until = all_.infos[call].useful_until;
    for (CallId kept = 0; kept < all_.calls.size() && until != kNever; ++kept) {
      const bool is_kept_crashed =
          crashed_[kept] != 0 && kept != call && all_.infos[kept].useful_until != kNobody;
      const std::int64_t last = is_kept_crashed ? kNever : last_[kept];
      if (last > until && model_.needs(all_.calls[kept], all_.calls[call])) until = last;
    }
    return std::exchange(all_.infos[call].useful_until, until) != until;
  }

  const Model& model_;
  ModelCalls& all_;
  std::vector<std::int64_t> last_;
  std::vector<char> crashed_;
};

}  // namespace

Result<ModelParts> split_model(const History& history, const ModelRow& row,
                               const ModelOptions& options, const std::string& client) {
  Splitter splitter(history, row, options);
  const Selection selection(history, client);
  for (OpIndex op = 0; op < history.size(); ++op) {
    if (selection.has(op)) TRY(splitter.add(op));
  }
  return splitter.take();
}

ModelCalls complete(const Model& model, std::vector<ModelCall> calls,
                    const std::vector<OrderOp>& ops) {
  ModelCalls all;
  const std::size_t count = calls.size();
  std::vector<std::vector<CallId>> alternatives(count);
  const std::vector<ModelCall> originals = calls;
  for (CallId call = 0; call < count; ++call) {
    for (const ModelCall& other : model.alternatives(originals[call], originals)) {
      alternatives[call].push_back(number_of(calls, other));
    }
  }
  all.calls = std::move(calls);
  for (CallId call = 0; call < all.calls.size(); ++call) {
    const CallTraits traits = model.traits(all.calls[call]);
    all.infos.push_back(
        {.is_pure = traits.is_pure,
         .is_total = traits.is_total,
         .is_absolute = traits.is_absolute,
         .alternatives = call < count ? alternatives[call] : std::vector<CallId>()});
  }
  Usefulness(model, all, ops).run();
  return all;
}

}  // namespace squall
