// The weak models as one question: is there an order of all transactions (a commit order) that
// extends the sessions' order and "read from", and in which nobody read a version that a newer one
// he must have known had replaced?
//
//        T2 writes x, and T3 must know T2
//        T3 reads x from T1                      so T2 comes before T1
//
// The models differ in whom T3 must know.  Each such pair is an edge; the model is violated exactly
// if the edges form a cycle (Biswas and Enea, OOPSLA 2019; AWDIT, PLDI 2025).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checker/checker.h"
#include "checker/txn/reads_from.h"

namespace squall {

enum class WeakModel {
  kReadCommitted,      // whom T3 read from before
  kReadAtomic,         // whom T3 read from, and its session before it
  kCausal,             // all that happened before it
  kReadYourWrites,     // its session's writes
  kMonotonicReads,     // whom its session read the key from before
  kMonotonicWrites,    // what the sessions it reads from had written before
  kWritesFollowReads,  // what the sessions it reads from had read before
};

// T3 read `key` from T1 though it knew T2.
struct Inferred {
  TxnIndex earlier = 0;  // T2
  TxnIndex later = 0;    // T1; initial() for what was there before
  TxnIndex reader = 0;   // T3
  TxnKey key = 0;
};

struct Inference {
  std::vector<Inferred> edges;
  std::string exhausted;  // a resource that ran out; "" if none did
  std::uint64_t peak_bytes = 0;
};
[[nodiscard]] Inference infer(const Transactions& txns, const ReadsFrom& history, WeakModel model,
                              const Budget& budget);

// What all session guarantees and weak models begin their parameters with.
[[nodiscard]] std::span<const ParamSpec> weak_params();
[[nodiscard]] std::span<const ParamSpec> guarantee_params();  // and "order"
[[nodiscard]] Verdict check_weak(const CheckInput& input, WeakModel model, std::string_view name);

}  // namespace squall
