// One scenario run several times, until enough of the runs violate a check.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "search/child_runs.h"

namespace squall {

struct TrySetup {
  std::string program;             // squall
  std::vector<std::string> flags;  // of every run
  std::string check;               // "linearizable{client=kv}"
  std::string folder;              // for runs under way
  int jobs = 1;
  // Perturbation seeds of the tries, the first at `perturb`; nothing: the arena has none, and tries
  // differ by themselves.
  bool has_perturb = false;
};

struct TryRequest {
  std::string scenario;  // a file
  int tries = 1;
  int enough = 1;  // so many violations end it
  std::uint64_t perturb = 0;
  // Ends it too once `enough` cannot be reached any more; false: all tries are made.
  bool is_hasty = true;
};

struct TryResult {
  int runs = 0;               // that ended by themselves
  int violated = 0;           // of them, this check
  int invalid = 0;            // of them, no answer
  std::string file{};         // of the first that violated it
  std::string last_reason{};  // of one that did not
  bool is_interrupted = false;
  std::optional<int> fatal_code{};  // dirty (6), or a scenario that cannot run (2)
};

class Tries {
 public:
  explicit Tries(TrySetup setup, ChildRuns children)
      : setup_(std::move(setup)), children_(std::move(children)) {}

  // Run files of tries are gone at the next call, unless they were moved away.
  [[nodiscard]] Result<TryResult> run(const TryRequest& request,
                                      const std::function<void(const TryResult&)>& show);

 private:
  [[nodiscard]] std::string stem(std::size_t id) const;
  Result<> start(const TryRequest& request, std::size_t id);
  void ended(std::size_t id, const ExitStatus& status, TryResult& result);
  Result<> cut_off(bool is_by_hand);

  TrySetup setup_;
  ChildRuns children_;
};

}  // namespace squall
