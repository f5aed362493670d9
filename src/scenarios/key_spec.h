// The keys of the maps in scenarios and topologies as tables.  The readers ask for nothing that is
// not in a table, and the JSON Schema is made from the same rows, so neither knows a key that the
// other does not.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/params.h"

namespace squall {

enum class KeyKind {
  kText,
  kName,          // lower-case letters, digits and dashes: is_name()
  kPattern,       // a regular expression
  kDuration,      // at most kMaxScenarioTime
  kTime,          // a duration, or two as a range: "3s..5s"
  kInteger,       // from min to max
  kCount,         // a whole number from min to max, or two as a range: "3..8"
  kSeed,          // a whole number below 2^64
  kBoolean,       // true or false
  kChoice,        // one of the choices
  kBound,         // a share or a number, which depends on another key
  kSelector,      // or one of the choices
  kSelectorPair,  // a list of two selectors
  kTexts,         // a list of min to max texts; max 0: of any length
  kNames,         // a list of names
  kTextMap,       // names or paths → texts, which may be empty
  kVariables,     // names → texts
  kPart,          // has a reader and a definition in the schema of its own, called like the key
};

struct KeySpec {
  std::string_view name;
  KeyKind kind = KeyKind::kText;
  std::string_view help{};      // one sentence; the reason, where a required key is missing
  std::string_view fallback{};  // the default as text; kRequired: there is none
  std::string_view choices{};   // "pass|violation|either"
  // Of the keys of one group exactly one is given; "": no group.
  std::string_view group{};
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// A map that has one of several sets of keys, told apart by a key that only this one has.
struct KeyVariant {
  std::string_view key;
  std::span<const KeySpec> keys;
};

}  // namespace squall
