// Result<T>: a value or an Error.  Libraries return it, programs print it; nobody does both.
#pragma once

#include <cerrno>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"

namespace squall {

// Callers branch on the code; people read the text.
enum class Errc {
  kInvalid,      // the user wrote something wrong: exit code 2
  kNotFound,     // a named thing is not there
  kUnsupported,  // this machine or kernel cannot do it; the text says what would help
  kIo,           // the world failed: disk, network, a system call
  kTimeout,      // a named limit passed
  kAborted,      // somebody asked to stop
  kDirty,        // an undo failed: something was left behind
};

// A message reads outermost-first: "apply cut on eu1: open netns eu1: Permission denied".
struct Error {
  Errc code = Errc::kIo;
  std::string what;

  // Puts the caller's attempt in front.
  [[nodiscard]] Error in(const std::string& attempt) && {
    return Error{code, attempt + ": " + std::move(what)};
  }
  [[nodiscard]] Error in(const std::string& attempt) const& {
    return Error{code, attempt + ": " + what};
  }
};

// The error of a system call that has just failed.
[[nodiscard]] Error errno_error(const std::string& attempt, int error = errno);

struct Unit {};

template <typename T = Unit>
class [[nodiscard]] Result {
 public:
  using Value = T;
  // NOLINTNEXTLINE(google-explicit-constructor): `return value;` and `return Error{…};` read well.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  Result() requires std::is_same_v<T, Unit> : state_(std::in_place_index<0>) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return CHECK(ok()), *std::get_if<0>(&state_); }
  const T& value() const& { return CHECK(ok()), *std::get_if<0>(&state_); }
  T&& value() && { return CHECK(ok()), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  [[nodiscard]] T value_or(T other) && {
    return ok() ? std::move(*this).value() : std::move(other);
  }

  [[nodiscard]] const Error& error() const& { return CHECK(!ok()), *std::get_if<1>(&state_); }
  [[nodiscard]] Error&& error() && { return CHECK(!ok()), std::move(*std::get_if<1>(&state_)); }

  // Adds the caller's attempt to an error; a value passes through.
  [[nodiscard]] Result in(const std::string& attempt) && {
    if (ok()) return std::move(*this);
    return std::move(*this).error().in(attempt);
  }

 private:
  std::variant<T, Error> state_;
};

}  // namespace squall

// TRY(expression): the value, or returns the error from the enclosing function.
#define TRY(...)                                                              \
  __extension__({                                                             \
    auto squall_try_result = (__VA_ARGS__);                                   \
    if (!squall_try_result.ok()) return std::move(squall_try_result).error(); \
    std::move(squall_try_result).value();                                     \
  })
