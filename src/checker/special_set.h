// Sets that only grow and are read whole.  Time linear in what the reads returned, besides sorting
// the reads by size.
//
// What reads returned must be a chain, each containing the one before, and then there is one order
// to look at: the reads by size, and every element right before the first read that has it.
#pragma once

#include <cstdint>
#include <span>

#include "checker/special.h"
#include "history/history.h"

namespace squall {

struct SetOp {
  std::int64_t called = 0;
  std::int64_t returned = kNever;  // kNever: crashed
  bool is_add = false;
  std::uint32_t value = 0;                    // of an add; dense
  std::span<const std::uint32_t> elements{};  // of a read; each at most once
};

// The set is empty at first.  Not of the class: an element that several operations added which did
// not crash, or that was seen and several operations added; a read that has an element twice.
[[nodiscard]] SpecialOutcome check_growing_set(std::span<const SetOp> ops,
                                               std::uint32_t value_count);

}  // namespace squall
