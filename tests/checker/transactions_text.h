// The small language in which tests write transactions: one per `|`, its operations after `:`,
//
//   PROCESS OUTCOME [@FROM-TO] : append KEY ELEMENT ; r KEY [1,2] ; w KEY VALUE ; r KEY VALUE|nil
//
//   0 ok: append x 1; r y [] | 1 info @5-40: w x 2 | 2 ok @50-60: r x 2
//
// Times are milliseconds.  Without them the n-th transaction (from 0) takes @10n-(10n+5), so that
// what is written in order happens in order.  T0, T1, … is what checkers call them if they begin in
// the order in which they are written.
#pragma once

#include <string>
#include <string_view>

#include "checker/checker.h"
#include "history/recording.h"

namespace squall::test {

// As JSON lines, in the order of time; aborts the test program on a malformed text.
[[nodiscard]] std::string transactions_jsonl(std::string_view text);
[[nodiscard]] Recording transactions(std::string_view text);
[[nodiscard]] Verdict check_transactions(std::string_view request, std::string_view text);
[[nodiscard]] std::string fact(const Verdict& verdict, std::string_view name);

}  // namespace squall::test
