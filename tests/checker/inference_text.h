// The small language in which tests of inference checkers write histories: one call per `|`,
//
//   USER WORD… [@FROM-TO] [±MS]      u1 e2 v2 g1 @5-9
//
// WORDs: eN epoch, vN version, gN gateway, mN replica, stable or canary, iN input, o1,2,3 outputs
// in millionths, id=TEXT and nonce=N as they came back, model=TEXT, fail (no reply).  The n-th call
// (from 0) asks with id rN and nonce 100+N.
// Without times it takes @10n-(10n+5) ms; ± is its clock's error.  Every call has a process of its
// own, so that they may overlap.
#pragma once

#include <string>

#include "tests/checker/history_text.h"

namespace squall::test {

// Aborts the test program on a malformed text.
[[nodiscard]] Recording calls(const std::string& text);

}  // namespace squall::test
