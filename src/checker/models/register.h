// The model of one register: read, write, compare-and-set.  States are dense numbers from 0, one
// per value that occurs; what value a state stands for is the caller's business.
#pragma once

#include <cstdint>

#include "checker/order.h"

namespace squall {

enum class RegisterCall : std::uint8_t {
  kRead,     // returned `from`
  kWrite,    // made it `to`, whatever it was
  kCas,      // found `from` and made it `to`
  kDiffers,  // a compare-and-set that failed because the register was not `from`
};

struct RegisterOp {
  std::int64_t called = 0;
  std::int64_t returned = kNever;  // kNever: crashed; it may take effect at any time, or never
  RegisterCall call = RegisterCall::kRead;
  State from = 0;
  State to = 0;
  OpIndex op = 0;  // its number in the history
};

[[nodiscard]] constexpr bool is_pure(RegisterCall call) {
  return call == RegisterCall::kRead || call == RegisterCall::kDiffers;
}
// Needs the register to be `from` at some moment.
[[nodiscard]] constexpr bool needs_from(RegisterCall call) {
  return call == RegisterCall::kRead || call == RegisterCall::kCas;
}
[[nodiscard]] constexpr bool is_possible(const RegisterOp& op, State state) {
  switch (op.call) {
    case RegisterCall::kWrite:
      return true;
    case RegisterCall::kDiffers:
      return state != op.from;
    default:
      return state == op.from;
  }
}
[[nodiscard]] constexpr bool is_crashed(const RegisterOp& op) {
  return op.returned == kNever;
}

}  // namespace squall
