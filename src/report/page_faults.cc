// Faults as requested and as they were, with their evidence.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/page_parts.h"

namespace squall {
namespace {

PageJson evidence_json(const EvidenceRow& row) {
  return {{"grade", clip(row.grade, kMaxShortText)},
          {"moment", clip(row.moment, kMaxShortText)},
          {"node", clip(row.node, kMaxShortText)},
          {"what", clip(row.what, kMaxLogText)},
          {"expected", clip(row.expected, kMaxLogText)},
          {"observed", clip(row.observed, kMaxLogText)},
          {"holds", row.holds},
          {"at", row.at}};
}

bool says_something(const EvidenceRow& row) {
  return !row.holds || !row.expected.empty() || !row.observed.empty();
}

// What was not installed comes first: it decides, and must not fall to the limit.  Of the other
// grades one row that holds is enough.
std::vector<const EvidenceRow*> rows_of(const Recording& recording, const std::string& fault) {
  std::vector<const EvidenceRow*> rows;
  for (const EvidenceRow& row : recording.evidence) {
    if (row.fault == fault && says_something(row)) rows.push_back(&row);
  }
  std::stable_partition(rows.begin(), rows.end(), [](const EvidenceRow* row) {
    return !row->holds && row->grade == "installed";
  });
  return rows;
}

PageJson fault_json(const Recording& recording, const FaultInterval& fault,
                    const std::vector<std::string>& nodes) {
  const EvidenceSummary evidence = summarize_evidence(recording, fault.id);
  PageJson json;
  json["id"] = clip(fault.id, kMaxShortText);
  json["kind"] = clip(fault.kind, kMaxShortText);
  json["targets"] = clip(fault.targets, kMaxLogText);
  json["nodes"] = nodes_in(fault.targets, nodes);
  json["parameters"] = clip(fault.parameters, kMaxLogText);
  json["selected_by"] = clip(fault.selected_by, kMaxLogText);
  json["requested_start"] = fault.requested_start;
  json["requested_end"] = fault.requested_end;
  json["start"] = fault.start;
  json["end"] = nullptr;
  if (fault.end != kNever) json["end"] = fault.end;
  json["is_event"] = fault.is_event;
  json["ending"] = clip(fault.ending, kMaxLogText);
  json["installed"] = evidence.is_installed;
  json["exercised"] = evidence.is_exercised;
  json["consequential"] = evidence.is_consequential;
  json["not_installed"] = evidence.is_installed ? "" : clip(evidence.not_installed, kMaxSentence);
  return json;
}

}  // namespace

WantedEvidence wanted_evidence(const Scenario& scenario, const std::string& fault) {
  for (const TimelineEntry& entry : scenario.timeline) {
    if (entry.id.get() != fault) continue;
    return {entry.is_exercise_expected, entry.is_consequence_expected};
  }
  return {};
}

PageJson faults_json(const ReportInput& input) {
  const Recording& recording = input.recording;
  const std::vector<std::string> nodes = nodes_of(recording);
  PageRoom room(kRoomForFaults);
  PageJson faults = PageJson::array();
  for (const FaultInterval& fault : recording.faults) {
    PageJson json = fault_json(recording, fault, nodes);
    const WantedEvidence wanted = wanted_evidence(input.scenario, fault.id);
    json["is_exercise_expected"] = wanted.is_exercise_expected;
    json["is_consequence_expected"] = wanted.is_consequence_expected;
    if (faults.size() == kMaxFaultsShown || !room.take(json)) break;
    const std::vector<const EvidenceRow*> rows = rows_of(recording, fault.id);
    PageJson evidence = PageJson::array();
    for (const EvidenceRow* row : rows) {
      PageJson line = evidence_json(*row);
      if (evidence.size() == kMaxEvidenceShown || !room.take(line)) break;
      evidence.push_back(std::move(line));
    }
    json["evidence_more"] = rows.size() - evidence.size();
    json["evidence"] = std::move(evidence);
    faults.push_back(std::move(json));
  }
  return faults;
}

}  // namespace squall
