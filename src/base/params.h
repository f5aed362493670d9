// Parameters as tables: a fault, a checker and a client each list theirs as rows, and from the same
// rows come the validation, the help text, the docs and the JSON Schema.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace squall {

enum class ParamType {
  kDuration,
  kPercent,
  kInteger,
  kNumber,
  kText,
  kBoolean,
  kChoice,
  kSignedDuration,
};

struct ParamSpec {
  std::string_view name;
  ParamType type = ParamType::kText;
  std::string_view fallback;  // the default as text; kRequired: there is none
  std::string_view help;      // one sentence, with the unit and the range
  std::string_view choices;   // kChoice: "none|revision"
};
inline constexpr std::string_view kRequired = "\x01required";

// What the user wrote, and where.
struct RawParam {
  std::string text;
  int line = 0;  // from 1; 0: not from a file
  int column = 0;
};

struct ParamProblem {
  std::string name;
  std::string what;
  int line = 0;
  int column = 0;
};

// Values that have passed their table.  A getter for a name that the table lacks, or of another
// type, is our bug (CHECK).
class Params {
 public:
  [[nodiscard]] Duration duration(std::string_view name) const;
  [[nodiscard]] Duration signed_duration(std::string_view name) const;
  [[nodiscard]] double percent(std::string_view name) const;  // 20% is 0.2
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] bool boolean(std::string_view name) const;
  [[nodiscard]] const std::string& text(std::string_view name) const;  // any type: as written
  [[nodiscard]] bool has(std::string_view name) const;  // false: optional, empty and not given

  // Everything as text in the table's order, for the run file and the wire.
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& all() const {
    return values_;
  }

 private:
  friend Result<Params> make_params(std::span<const ParamSpec>,
                                    const std::map<std::string, RawParam>&,
                                    std::vector<ParamProblem>&);
  std::map<std::string, std::string, std::less<>> values_;
};

// Checks every value, fills in defaults, and appends all problems (unknown name with the nearest
// one, wrong unit, missing value).  The error says how many there are.
[[nodiscard]] Result<Params> make_params(std::span<const ParamSpec> specs,
                                         const std::map<std::string, RawParam>& given,
                                         std::vector<ParamProblem>& problems);
// For values that are not from a file: the error holds all problems.
[[nodiscard]] Result<Params> make_params(std::span<const ParamSpec> specs,
                                         const std::map<std::string, std::string>& given);

[[nodiscard]] std::string_view to_text(ParamType type);
// "none|revision" → none, revision.
[[nodiscard]] std::vector<std::string> split_choices(std::string_view choices);

}  // namespace squall
