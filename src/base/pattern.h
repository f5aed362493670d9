// A regular expression from a user: Perl syntax, everywhere the same.  A bad one is an error, and
// one that is too hard for a line gives up instead of hanging (std::regex recurses for each
// character).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace squall {

// Immutable; copies share the compiled form.  Thread-safe.
class Pattern {
 public:
  // kInvalid quotes the text and says what is wrong with it.
  [[nodiscard]] static Result<Pattern> compile(const std::string& text);
  // Searches the first kMaxSearched bytes.  Nothing: the line was too hard for the pattern.
  [[nodiscard]] std::optional<bool> find_in(std::string_view line) const;
  // A line that is too hard counts as one without it.
  [[nodiscard]] bool is_in(std::string_view line) const { return find_in(line).value_or(false); }

  static constexpr std::size_t kMaxSearched = 16384;
  static constexpr std::size_t kMaxLength = 4096;  // of the pattern

 private:
  struct Compiled;
  explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace squall
