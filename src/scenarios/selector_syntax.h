// The syntax tree of a selector, and what can be said about it before a run.  Internal to this
// folder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scenarios/selector.h"

namespace squall {

enum class SelectorOp {
  kAll,
  kNode,      // first
  kProcess,   // first on a node / second of its processes
  kRole,      // first
  kRegion,    // first
  kClient,    // first
  kLeader,    // first is a role
  kHolder,    // first is a client
  kNot,       // left
  kAnd,       // left, right
  kOr,        // left, right
  kOneOf,     // left
  kMinority,  // left
  kMajority,  // left
};

struct SelectorNode {
  SelectorOp op = SelectorOp::kAll;
  std::size_t offset = 0;  // of the name in the text, in bytes
  std::string first;
  std::string second;
  std::size_t second_offset = 0;
  std::shared_ptr<const SelectorNode> left;
  std::shared_ptr<const SelectorNode> right;
};

struct SelectorAccess {
  static const SelectorNode& root(const Selector& selector) { return *selector.root_; }
};

struct SelectorProblem {
  std::size_t offset = 0;  // in the selector's text
  std::string what;
};

// Length and nesting have limits, so neither parsing nor walking can exhaust the stack.
inline constexpr std::size_t kMaxSelectorBytes = 1000;
inline constexpr std::size_t kMaxSelectorDepth = 50;

// The first mistake.
struct SelectorSyntax {
  std::shared_ptr<const SelectorNode> root;  // null: see problem
  SelectorProblem problem;
};
[[nodiscard]] SelectorSyntax read_selector(std::string_view text);

// The seed has a say in what it matches.
[[nodiscard]] bool has_draw(const Selector& selector);

// All names that are not there, with the nearest one that is.
[[nodiscard]] std::vector<SelectorProblem> name_problems(const Selector& selector,
                                                         const SelectorWorld& world);

}  // namespace squall
