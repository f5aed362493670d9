// A pause or a kill, in the words of the agent.
#include "orchestrator/process_evidence.h"

#include <algorithm>
#include <array>
#include <csignal>

namespace squall {
namespace {

const ProcessStatus* find_status(const std::vector<ProcessStatus>& all, const ProcessName& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const ProcessStatus& status) {
    return status.name == name.get();
  });
  return found == all.end() ? nullptr : &*found;
}

std::string state_of(const ProcessStatus* status) {
  return status == nullptr ? "unknown to the agent" : status->state;
}

EvidenceRow make_row(const std::string& fault, const std::string& grade, const std::string& moment,
                     const TargetedEffect& effect, const std::string& what) {
  EvidenceRow row;
  row.fault = fault;
  row.grade = grade;
  row.moment = moment;
  row.node = effect.node.get();
  row.what = what;
  return row;
}

std::vector<EvidenceRow> pause_rows(const std::string& fault, const std::string& moment,
                                    const TargetedEffect& effect, const Pause& pause,
                                    const ProcessStatus* now) {
  EvidenceRow row = make_row(fault, "installed", moment, effect, "state of " + pause.process.get());
  row.observed = state_of(now);
  row.expected = moment == "during" ? "paused" : "not paused";
  row.holds = (row.observed == "paused") == (moment == "during");
  return {row};
}

// Signals whose default is to end the process.  Another one may be handled: that it was sent to a
// process that was there is all there is to see.
bool is_deadly(int signal) {
  constexpr std::array kDeadly = {SIGKILL, SIGTERM, SIGINT, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS};
  return std::find(kDeadly.begin(), kDeadly.end(), signal) != kDeadly.end();
}

bool is_alive(const ProcessStatus* status) {
  return status != nullptr && (status->state == "running" || status->state == "paused");
}

// A killed process is another one afterwards, or none.
std::vector<EvidenceRow> kill_rows(const std::string& fault, const std::string& moment,
                                   const TargetedEffect& effect, const Kill& kill,
                                   const ProcessStatus* before, const ProcessStatus* now) {
  if (moment == "after") {
    if (!kill.is_restarted) return {};
    EvidenceRow row =
        make_row(fault, "installed", moment, effect, "state of " + kill.process.get());
    row.expected = "running";
    row.observed = state_of(now);
    row.holds = row.observed == "running";
    return {row};
  }
  const bool is_gone =
      now == nullptr || before == nullptr || now->pid != before->pid || !is_alive(now);
  EvidenceRow row = make_row(fault, "installed", moment, effect,
                             "process " + kill.process.get() +
                                 (before == nullptr ? "" : " pid " + std::to_string(before->pid)));
  row.expected = "gone";
  row.observed = is_gone ? "gone (" + state_of(now) + ")" : state_of(now);
  row.holds = is_gone;
  EvidenceRow hit = row;
  hit.grade = "exercised";
  hit.what = kill.process.get() + " when the signal came";
  hit.expected = "running";
  hit.observed = state_of(before);
  hit.holds = is_alive(before);
  if (!is_deadly(kill.signal)) {
    row.what = kill.process.get() + " when signal " + std::to_string(kill.signal) + " was sent";
    row.expected = hit.expected;
    row.observed = hit.observed;
    row.holds = hit.holds;
  }
  return {row, hit};
}

}  // namespace

std::vector<EvidenceRow> process_rows(const std::string& fault, const std::string& moment,
                                      const TargetedEffect& effect,
                                      const std::vector<ProcessStatus>& before,
                                      const std::vector<ProcessStatus>& now) {
  if (const auto* pause = std::get_if<Pause>(&effect.effect)) {
    return pause_rows(fault, moment, effect, *pause, find_status(now, pause->process));
  }
  if (const auto* kill = std::get_if<Kill>(&effect.effect)) {
    return kill_rows(fault, moment, effect, *kill, find_status(before, kill->process),
                     find_status(now, kill->process));
  }
  return {};
}

}  // namespace squall
