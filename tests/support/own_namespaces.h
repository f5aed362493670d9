// The fixture of every test that changes kernel state: the test program moves into a user, network
// and mount namespace of its own, where it is privileged and harms nobody.
#pragma once

#include <gtest/gtest.h>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

// Enters the namespaces once per program; an error afterwards every time.
Result<> enter_own_namespaces();

class KernelTest : public testing::Test {
 protected:
  void SetUp() override {
    const Result<> entered = enter_own_namespaces();
    if (!entered.ok()) GTEST_SKIP() << "needs user namespaces: " << entered.error().what;
  }
};

// The value, or a failed test that shows the error; for use as `must(call())`.
template <typename T>
T must(Result<T> result) {
  if (!result.ok()) {
    ADD_FAILURE() << result.error().what;
    std::abort();  // nothing after it can mean anything
  }
  return std::move(result).value();
}

// The text of an error, or "ok".
template <typename T>
std::string error_of(const Result<T>& result) {
  return result.ok() ? "ok" : result.error().what;
}

}  // namespace squall
