// Sequential objects word for word, random histories of them, and the definition of
// linearizability: try every order.  Shares nothing with the checker that it judges.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"

namespace squall::test {

// An operation as history_text.h writes it.
struct ObjectOp {
  int process = 0;
  std::string function;
  std::string value = "-";  // the argument, or what was answered
  int sent = 0;
  int completed = 0;
  bool is_crashed = false;
};

// Every object in one: each uses what it needs.
struct Object {
  std::vector<int> items;
  std::string text;
  std::map<char, int> registers{};
  int number = 0;
  int holder = -1;
};

// The names of the models that the oracle knows.
[[nodiscard]] const std::vector<std::string>& oracle_models();

// Does the operation; the answer it gets, or nothing if it is impossible.  `wanted`: the answer
// that it must get.
[[nodiscard]] std::optional<std::string> perform(std::string_view model, const ObjectOp& op,
                                                 Object& object, const std::string* wanted);

// A history that is linearizable by construction: every operation takes effect at some instant
// between its call and its return, a crashed one at any later time or never.
[[nodiscard]] std::vector<ObjectOp> random_history(std::string_view model, Rng& rng,
                                                   std::size_t count);
// Changes an answer, an interval, or leaves an operation out: often, not always, harmful.
[[nodiscard]] std::vector<ObjectOp> mutated(std::vector<ObjectOp> ops, Rng& rng);

// For a handful of operations.
[[nodiscard]] bool has_object_order(std::string_view model, const std::vector<ObjectOp>& ops);

// Is the value an answer, so that the operation changes nothing?
[[nodiscard]] bool is_observation(const ObjectOp& op);
// The history in the language of history_text.h, and the request that checks it.
[[nodiscard]] std::string to_text(const std::vector<ObjectOp>& ops);
[[nodiscard]] std::string request_for(std::string_view model);

}  // namespace squall::test
