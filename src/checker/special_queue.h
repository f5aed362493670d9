// Queues whose values tell who enqueued them, FIFO or unordered, with dequeues that found nothing.
// O(n log n).
//
// A history of completed operations on a FIFO queue has an order exactly if it shows none of four
// patterns (T. Henzinger, A. Sezgin, V. Vafeiadis, "Aspect-oriented linearizability proofs", 2013):
// a value that nobody enqueued; a value dequeued twice; a value that overtook another; a dequeue
// that found nothing while something was certainly there all the time:
//
//   a:  |─enq─|                     |─deq─|        certainly there: ====
//   b:            |─enq─|  ==========================
//                 |────── dequeue: nothing ──────|      impossible
//
// A queue without order shows all but the third.
#pragma once

#include <cstdint>
#include <span>

#include "checker/special.h"
#include "history/history.h"

namespace squall {

inline constexpr std::uint32_t kNothingThere = 0xffff'ffffU;

struct QueueOp {
  std::int64_t called = 0;
  std::int64_t returned = kNever;  // kNever: crashed
  bool is_enqueue = false;
  std::uint32_t value = 0;  // dense; of a dequeue kNothingThere: it found the queue empty
};

enum class QueueOrder : std::uint8_t { kFifo, kNone };

// Not of the class: a value that was enqueued twice, by operations that did not crash or whose
// value was dequeued; a crashed dequeue, which may have taken any value.
[[nodiscard]] SpecialOutcome check_unique_queue(std::span<const QueueOp> ops,
                                                std::uint32_t value_count, QueueOrder order);

}  // namespace squall
