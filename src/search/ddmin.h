// Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input",
// 2002) as machines: candidates out, outcomes in.  Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace squall {

// Which parts of a list are needed.  For an oracle that answers the same each time, no single part
// of the result can be left out (it is 1-minimal), also where the oracle is not monotone.
class Ddmin {
 public:
  // `may_be_empty`: nothing at all is tried first.
  Ddmin(std::size_t parts, bool may_be_empty);

  // The parts to keep in the next try, in order; nothing: it is over.
  [[nodiscard]] std::optional<std::vector<std::size_t>> next();
  // Whether the candidate that next() gave still shows it.
  void on(bool is_shown);
  [[nodiscard]] const std::vector<std::size_t>& kept() const { return kept_; }

 private:
  struct Try {
    std::vector<std::size_t> parts;
    std::size_t granularity_if_shown = 2;
  };
  void fill();

  std::vector<std::size_t> kept_;
  std::size_t granularity_ = 2;
  std::deque<Try> tries_;
  bool is_over_ = false;
};

// How small a number may be.  Tries the least, then a quarter and a half of the way, and again from
// what was shown.
class Descent {
 public:
  Descent(std::int64_t value, std::int64_t least, std::int64_t resolution);

  [[nodiscard]] std::optional<std::int64_t> next();
  void on(bool is_shown);
  [[nodiscard]] std::int64_t value() const { return value_; }

 private:
  void fill();

  std::int64_t value_;
  std::int64_t least_;
  std::int64_t resolution_;
  std::deque<std::int64_t> tries_;
};

}  // namespace squall
