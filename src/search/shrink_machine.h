// Shrinking a scenario: candidates out, outcomes in.  Pure: what it does depends on the scenario
// and the outcomes alone, so a shrink that was cut off is continued by telling it again what was
// found.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.h"
#include "search/ddmin.h"
#include "search/shrink_parts.h"

namespace squall {

struct ShrinkCandidate {
  std::string text;    // the scenario as YAML
  std::string change;  // "without fault kill, delay", "fault cut: for 10s → 2.5s"
};

class ShrinkMachine {
 public:
  // `known` are outcomes of an earlier sitting by the candidates' digests.
  ShrinkMachine(Scenario original, ShrinkScope scope, Vocabulary vocabulary,
                std::map<std::string, bool> known = {});

  // The next candidate whose outcome is not known; the same until on() has been called.  Nothing:
  // no single step makes it smaller.
  [[nodiscard]] const ShrinkCandidate* next();
  // Whether the candidate still violates the check.
  void on(bool is_shown);

  // The smallest that still violates it, and the steps that led there.
  [[nodiscard]] const Scenario& best() const { return best_; }
  [[nodiscard]] const std::vector<std::string>& changes() const { return changes_; }
  [[nodiscard]] const std::map<std::string, bool>& known() const { return known_; }

 private:
  struct Trial {
    Scenario scenario;
    ShrinkCandidate candidate;
    std::string digest;
  };
  void begin_stage();
  [[nodiscard]] bool advance();
  [[nodiscard]] std::optional<Trial> propose();
  [[nodiscard]] std::optional<Trial> propose_parts();
  [[nodiscard]] std::optional<Trial> propose_number();
  void settle(const Trial& trial, bool is_shown);

  ShrinkScope scope_;
  Vocabulary vocabulary_;
  std::map<std::string, bool> known_;
  Scenario best_;
  std::vector<std::string> changes_;

  // A round goes through the lists, then through the numbers; rounds go on while they help.
  std::size_t stage_ = 0;
  bool has_helped_ = false;
  bool is_over_ = false;
  std::vector<PartList> lists_;
  Scenario stage_base_;  // the list's parts are those of this one
  std::optional<Ddmin> ddmin_;
  std::vector<PartNumber> numbers_;
  // The least of each number by what the original had, so that rounds do not go on for ever.
  std::map<std::string, std::int64_t> floors_;
  std::size_t number_ = 0;
  std::optional<Descent> descent_;
  std::optional<Trial> trial_;
};

// "3 faults of 7", "40s of load": how big a scenario is, for people.
[[nodiscard]] std::string size_text(const Scenario& scenario);

}  // namespace squall
