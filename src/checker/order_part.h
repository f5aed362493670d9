// Operations that have nothing to do with all others (one key's), ready to be searched, whatever
// the object; and what shrinking and explaining a violation needs to know of it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checker/search_task.h"
#include "checker/special.h"
#include "checker/verdict.h"

namespace squall {

enum class SearchKind : std::uint8_t { kBreadth, kDepth };

// Where a sub-history begins: at the start of the run, or in the midst of it.
struct StartPoint {
  std::optional<std::size_t> cut;  // number in the cuts that were noted
};

// What a special case decided, as a search would say it; nothing, if it is not its class.
[[nodiscard]] std::optional<OrderOutcome> outcome_of(SpecialOutcome special);

class OrderPart {
 public:
  OrderPart() = default;
  OrderPart(const OrderPart&) = delete;
  OrderPart& operator=(const OrderPart&) = delete;
  virtual ~OrderPart() = default;

  [[nodiscard]] virtual ValueId key() const = 0;
  [[nodiscard]] virtual std::span<const OrderOp> ops() const = 0;
  // Refers to this object.  Different searches may run at the same time.
  [[nodiscard]] virtual std::unique_ptr<SearchTask> search(SearchKind kind) const = 0;

  // May a search end before the operation that cannot be placed?
  [[nodiscard]] virtual bool is_looking_ahead() const { return false; }

  // A part's own algorithm decides before any search: nothing, if it has none for these operations.
  [[nodiscard]] virtual std::optional<OrderOutcome> decide_quickly() const { return std::nullopt; }

  // For shrinking.  Some of the operations, perhaps with other times, from some start.
  [[nodiscard]] virtual std::unique_ptr<SearchTask> search_some(std::vector<OrderOp> ops,
                                                                const StartPoint& start,
                                                                bool is_looking_ahead) const = 0;
  [[nodiscard]] virtual bool is_pure(CallId call) const = 0;
  // May `dropped` be left out of an order without making `kept` impossible?  False: yes.
  [[nodiscard]] virtual bool needs(CallId kept, CallId dropped) const = 0;
  // Times at which a sub-history may begin.
  virtual void note_cuts(std::span<const std::int64_t> /*cuts*/) {}
  [[nodiscard]] virtual bool can_start_at(std::size_t /*cut*/) const { return true; }

  // Words.
  [[nodiscard]] virtual std::string did(CallId call) const = 0;  // "read 7"
  // Nobody could ever have made this possible: ", which nobody had written", or "".
  [[nodiscard]] virtual std::string never(CallId /*call*/) const { return ""; }
  [[nodiscard]] virtual std::string cut_words() const = 0;  // what a start in the midst means
};

}  // namespace squall
