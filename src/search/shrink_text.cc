// A shrink in words, and its result as a scenario.
#include <algorithm>

#include "scenarios/schedule.h"
#include "search/hunt_text.h"
#include "search/shrink.h"
#include "search/shrink_machine.h"

namespace squall {
namespace {

constexpr std::size_t kMaxName = 63;

std::string rate_text(const ShrinkEnd& end) {
  if (end.measured == 0) return "its rate has not been measured";
  return std::to_string(end.violated) + " of " + std::to_string(end.measured) +
         " fresh runs violated it";
}

std::string name_of(const std::string& name) {
  const std::string ending = "-shrunk";
  if (name.ends_with(ending)) return name;
  std::string shorter = name.substr(0, kMaxName - ending.size());
  while (!shorter.empty() && shorter.back() == '-') shorter.pop_back();
  return shorter + ending;
}

// A comment's lines must not be able to end it.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::string shrunk_yaml(const ShrinkSetup& setup, const ShrinkEnd& end) {
  std::string text = "# Shrunk from " + one_line(setup.source) + ".\n# It violates " +
                     one_line(setup.scope.check.to_text()) + ": " + rate_text(end) + ".\n";
  text += "# It was: " + size_text(setup.original) + "\n# It is:  " + size_text(end.best) + "\n";
  for (const std::string& change : end.changes) text += "#   " + one_line(change) + "\n";
  if (!end.is_minimal) text += "# More may go: the shrink was cut off.\n";
  Scenario named = end.best;
  named.name = name_of(named.name);
  return text + to_yaml(named);
}

std::string shrink_summary(const ShrinkSetup& setup, const ShrinkEnd& end) {
  const std::string spent = std::to_string(end.runs) + " runs in " + time_text(end.seconds) + "\n";
  if (!end.is_confirmed) {
    return "did not reproduce: " + setup.scope.check.to_text() + " was not violated in " + spent +
           "  " + end.why_not + "\n  --tries N tries more often\n";
  }
  std::string text = "shrunk " + setup.source + " in " + spent;
  text += "  was " + size_text(setup.original) + "\n  is  " + size_text(end.best) + "\n";
  for (const std::string& change : end.changes) text += "    " + change + "\n";
  text += "  " + setup.scope.check.to_text() + ": " + rate_text(end) + "\n";
  if (end.is_minimal) {
    text += "  nothing more can go: each further step was tried " + std::to_string(setup.tries) +
            " times\n";
  } else {
    text += std::string("  cut off ") +
            (end.is_interrupted ? "by hand"
                                : "by the budget of " + std::to_string(setup.budget) + " runs") +
            "; the same command goes on from here\n";
  }
  return text + "scenario " + setup.out + "/shrunk.yaml\nrun file " + setup.out +
         "/shrunk.squall\n";
}

}  // namespace squall
