// From a history to operations on registers: picks the client's rows, splits them by key, and
// replaces values by dense states.
#pragma once

#include <string>
#include <vector>

#include "base/params.h"
#include "base/result.h"
#include "checker/models/register.h"
#include "history/history.h"

namespace squall {

struct RegisterOptions {
  std::string client;  // "": everybody's operations
  bool is_cas = true;
  std::string init = "nil";  // JSON scalar
  bool is_nil_wildcard = false;
  bool is_failed_cas_evidence = true;
};
[[nodiscard]] RegisterOptions register_options(const Params& params);

struct KeyRegister {
  ValueId key = kAbsent;
  std::vector<RegisterOp> ops;  // in the order of the history
  std::vector<ValueId> values;  // per state; kAbsent: a value that nobody used (the initial one)
  State initial = 0;
  [[nodiscard]] State state_count() const { return static_cast<State>(values.size()); }
};

struct Registers {
  std::vector<KeyRegister> keys;   // in the order of first use
  std::uint64_t seen = 0;          // acknowledged operations
  std::uint64_t observations = 0;  // of these, the ones that say something about the value
};

// An acknowledged operation that the model does not know is kUnsupported, because leaving it out
// could make a correct history look wrong.
[[nodiscard]] Result<Registers> split_registers(const History& history,
                                                const RegisterOptions& options);

}  // namespace squall
