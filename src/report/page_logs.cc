// Logs around what matters, and what happened on each node.
#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "report/page_parts.h"

namespace squall {
namespace {

constexpr const char* kLeaderMetric = "leader(";

// The stretch of the run that a reader wants to see the logs of.
struct Anchor {
  std::string name;
  std::int64_t from = 0;
  std::int64_t to = 0;
};

std::optional<Anchor> witness_anchor(const Recording& recording) {
  const History& history = recording.history;
  for (const VerdictRow& row : recording.verdicts) {
    for (const ShownWitness& witness : witnesses_of(row, history.size()).witnesses) {
      if (witness.operations.empty()) continue;
      Anchor anchor{"the first witness", kNever, 0};
      for (const OpIndex index : witness.operations) {
        const std::int64_t completed = history.completed()[index];
        anchor.from = std::min(anchor.from, history.sent()[index]);
        anchor.to = std::max(anchor.to, completed == kNever ? history.sent()[index] : completed);
      }
      return anchor;
    }
  }
  return std::nullopt;
}

Anchor anchor_of(const Recording& recording) {
  if (std::optional<Anchor> witness = witness_anchor(recording)) return *witness;
  const FaultSpan faults = fault_span(recording, end_of(recording));
  if (faults.from == kNever) return {"the start of the run", 0, 0};
  return {"the first fault", faults.from, faults.from};
}

std::int64_t distance(const Anchor& anchor, std::int64_t at) {
  if (at < anchor.from) return anchor.from - at;
  return at > anchor.to ? at - anchor.to : 0;
}

// The lines nearest to the anchor; inside a long one, those nearest to its end, where it went
// wrong.
std::vector<std::size_t> nearest_lines(const Recording& recording, const Anchor& anchor) {
  std::vector<std::size_t> chosen(recording.logs.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  const auto rank = [&](std::size_t i) {
    const std::int64_t at = recording.logs[i].at;
    return std::pair(distance(anchor, at), std::abs(anchor.to - at));
  };
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  chosen.resize(std::min(chosen.size(), kMaxLogLines));
  std::sort(chosen.begin(), chosen.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(recording.logs[a].at, a) < std::pair(recording.logs[b].at, b);
  });
  return chosen;
}

PageJson mark(std::int64_t at, const std::string& node, const char* kind, const std::string& text) {
  return {{"at", at},
          {"node", clip(node, kMaxShortText)},
          {"kind", kind},
          {"text", clip(text, kMaxLogText)}};
}

bool is_about_a_process(const EvidenceRow& row) {
  return row.grade == "installed" &&
         (row.what.starts_with("process ") || row.what.starts_with("state of ")) &&
         row.what.find("plane") == std::string::npos;
}

}  // namespace

PageJson lanes_json(const Recording& recording) {
  PageJson marks = PageJson::array();
  PageRoom room(kRoomForMarks);
  const auto add = [&](PageJson row) {
    if (marks.size() < kMaxMarks && room.take(row)) marks.push_back(std::move(row));
  };
  for (const MetricPoint& point : recording.metrics) {
    if (point.name.starts_with(kLeaderMetric)) {
      add(mark(point.at, point.node, "leader", point.node + " is " + point.name));
    }
  }
  for (const EvidenceRow& row : recording.evidence) {
    if (is_about_a_process(row))
      add(mark(row.at, row.node, "process", row.what + ": " + row.observed));
  }
  for (const LogLine& line : recording.logs) {
    const bool is_ours = line.process == "agent" || line.process == "orchestrator";
    if (is_ours && !line.text.starts_with(kLeaderMetric)) {
      add(mark(line.at, line.node, "log", line.process + ": " + line.text));
    }
  }
  PageJson lanes;
  lanes["nodes"] = nodes_of(recording);
  lanes["marks"] = std::move(marks);
  return lanes;
}

PageJson logs_json(const Recording& recording) {
  const Anchor anchor = anchor_of(recording);
  PageJson logs;
  logs["anchor"] = anchor.name;
  logs["from"] = anchor.from;
  logs["to"] = anchor.to;
  logs["in_all"] = recording.logs.size();
  logs["lines"] = PageJson::array();
  PageRoom room(kRoomForLogs);
  for (const std::size_t i : nearest_lines(recording, anchor)) {
    const LogLine& line = recording.logs[i];
    PageJson row = {line.at, clip(line.node, kMaxShortText), clip(line.process, kMaxShortText),
                    clip(line.text, kMaxLogText)};
    if (!room.take(row)) break;
    logs["lines"].push_back(std::move(row));
  }
  return logs;
}

}  // namespace squall
