// The small language in which checker tests write histories: one operation per `|`,
//
//   PROCESS OUTCOME FUNCTION KEY VALUE [@FROM-TO] [!ERROR]
//
//   0 ok write x 1 | 1 info write x 2 @5-40 | lock/2±3 fail acquire - - @50- !not held
//
// PROCESS is an id, or CLIENT/ID, with the clock's error after ±.  KEY and VALUE are words: 7, nil,
// true, [1,2], any other word is text; - is absent.  Times are milliseconds since the start of the
// run, @50- never completed.  Without them the n-th operation (from 0) takes @10n-(10n+5), so that
// what is written in order happens in order.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "checker/checker.h"
#include "history/recording.h"

namespace squall::test {

inline constexpr std::int64_t kMs = 1'000'000;

// Aborts the test program on a malformed text.
[[nodiscard]] History history(std::string_view text);
[[nodiscard]] Recording recording(std::string_view text, std::vector<FaultInterval> faults = {});
// A fault on [from, to] ms.
[[nodiscard]] FaultInterval fault(const std::string& id, const std::string& kind,
                                  const std::string& targets, std::int64_t from, std::int64_t to);

// Runs "NAME:param=value,…" with ample limits.
[[nodiscard]] Verdict check(std::string_view request, const Recording& recording);
[[nodiscard]] Verdict check(std::string_view request, std::string_view text);

}  // namespace squall::test
