// A hunt in words.
#include "search/hunt_text.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <map>

namespace squall {
namespace {

constexpr std::size_t kFilesShown = 5;
constexpr std::size_t kReasonsShown = 5;

std::string fixed(double value) {
  std::array<char, 64> buffer{};
  (void)std::snprintf(buffer.data(), buffer.size(), "%.1f", value);
  return buffer.data();
}

std::string per_minute(std::uint64_t done, double seconds) {
  return seconds > 0 ? fixed(static_cast<double>(done) * 60 / seconds) : "0.0";
}

std::string counts_text(const HuntCounts& counts, const char* between) {
  const std::array<std::pair<const char*, std::uint64_t>, 5> rows = {
      {{"found", counts.found},
       {"clean", counts.clean},
       {"invalid", counts.invalid},
       {"inconclusive", counts.inconclusive},
       {"aborted", counts.aborted}}};
  std::string text;
  for (const auto& [name, count] : rows) {
    const bool is_always = name == rows[0].first || name == rows[1].first || name == rows[2].first;
    if (count == 0 && !is_always) continue;
    text += (text.empty() ? "" : between) + std::string(name) + " " + std::to_string(count);
  }
  return text;
}

std::string group_text(const ViolationGroup& group, const std::string& out) {
  std::string text = "\n" + std::to_string(group.runs.size()) + " × " + group.check + ": " +
                     group.shape + "\n    such as " + to_text(group.runs[0]->wanted) + ": " +
                     group.summary + "\n";
  for (std::size_t i = 0; i < group.runs.size() && i < kFilesShown; ++i) {
    text += "    " + out + "/" + group.runs[i]->file + "\n";
  }
  if (group.runs.size() > kFilesShown) {
    text += "    and " + std::to_string(group.runs.size() - kFilesShown) + " more in " + out +
            "/hunt.json\n";
  }
  return text;
}

// Why runs gave no answer, the most frequent first.
std::string reasons_text(const std::vector<CaseResult>& results) {
  std::map<std::string, std::size_t> shapes;
  for (const CaseResult& result : results) {
    if (result.outcome == RunOutcome::kClean || result.outcome == RunOutcome::kViolation) continue;
    ++shapes[shape_of(result.reason)];
  }
  std::multimap<std::size_t, std::string, std::greater<>> ordered;
  for (const auto& [shape, count] : shapes) ordered.emplace(count, shape);
  std::string text;
  std::size_t shown = 0;
  for (const auto& [count, shape] : ordered) {
    if (shown++ == kReasonsShown) break;
    text += "    " + std::to_string(count) + " × " + shape + "\n";
  }
  return text.empty() ? "" : "\nruns that gave no answer\n" + text;
}

}  // namespace

std::string time_text(double seconds) {
  if (seconds < 60) return fixed(seconds) + "s";
  const auto whole = static_cast<long>(std::llround(seconds));
  const std::string minutes = std::to_string(whole / 60 % 60) + "m";
  if (whole < 3600) return minutes + std::to_string(whole % 60) + "s";
  return std::to_string(whole / 3600) + "h" + minutes;
}

std::string progress_line(const HuntCounts& counts, std::size_t left, std::size_t running,
                          std::size_t sitting, double seconds) {
  return std::to_string(counts.done()) + "/" + std::to_string(counts.done() + left) +
         " done: " + counts_text(counts, ", ") + " | " + std::to_string(running) + " running | " +
         per_minute(sitting, seconds) + " runs/min";
}

std::string result_line(const CaseResult& result) {
  return to_text(result.wanted) + ": " + std::string(to_text(result.outcome)) + ": " +
         (result.violations.empty()
              ? result.reason
              : result.violations[0].check + ": " + result.violations[0].summary);
}

std::string hunt_summary(const HuntEnd& end, const std::string& out) {
  const HuntFile& file = end.file;
  const HuntCounts counts = HuntMachine({}, {}, file.results).counts();
  std::string text = "hunt " + file.name + ": " + std::to_string(counts.done()) + " of " +
                     std::to_string(counts.done() + end.left) + " runs in " +
                     time_text(file.seconds) + ", " + per_minute(counts.done(), file.seconds) +
                     " a minute\n  " + counts_text(counts, " · ") + "\n";
  const std::vector<ViolationGroup> groups = grouped(file.results);
  for (const ViolationGroup& group : groups) text += group_text(group, out);
  text += reasons_text(file.results);
  if (!groups.empty()) {
    text += "\nnext: squall report " + out + "/" + groups[0].runs[0]->file +
            "\n      squall shrink " + out + "/" + groups[0].runs[0]->file + "\n";
  }
  return text;
}

}  // namespace squall
