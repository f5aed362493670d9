// The verdicts of `squall check` as one page that needs nothing else, not even a script: each
// witness with its operations as a small timeline.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "checker/checker.h"

namespace squall {

inline constexpr std::size_t kMaxCheckPage = 2'000'000;       // bytes, whatever was checked
inline constexpr std::size_t kMaxPageWitnesses = 20;          // of one check
inline constexpr std::size_t kMaxPageWitnessOperations = 40;  // of one witness

// An operation of a witness: one bar.
struct PageBar {
  std::string lane;   // "process 3"
  std::string label;  // "write x 7 (ok, …)"
  Outcome outcome = Outcome::kInfo;
  std::int64_t from = 0;
  std::int64_t to = kNever;
};
// A fault that was active meanwhile: one band behind the bars.
struct PageBand {
  std::string label;
  std::int64_t from = 0;
  std::int64_t to = kNever;
};
struct PageWitness {
  std::string why;
  std::vector<PageBar> bars;
  std::vector<PageBand> bands;
  std::size_t left_out = 0;  // operations beyond the limit
};
struct PageVerdict {
  std::string file;
  std::string check;
  Answer answer = Answer::kUnknown;
  std::uint64_t examined = 0;
  std::string summary;
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<PageWitness> witnesses;
  std::size_t left_out = 0;  // witnesses beyond the limit
};

[[nodiscard]] PageVerdict page_verdict(const std::string& file, const CheckRequest& request,
                                       const Verdict& verdict, const Recording& recording);
[[nodiscard]] std::string check_page(const std::vector<PageVerdict>& verdicts);

}  // namespace squall
