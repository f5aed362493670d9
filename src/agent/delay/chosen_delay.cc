// Netem first, the line where netem cannot.
#include "agent/delay/chosen_delay.h"

#include <unistd.h>

namespace squall {
namespace {

constexpr std::string_view kBetween = "; ";

}  // namespace

std::string ChosenDelay::residue() const {
  return line_.residue() + std::string(kBetween) + netem_.residue();
}

Result<> ChosenDelay::remove_residue(const std::string& residue) {
  const std::size_t end = residue.find(kBetween);
  const Result<> rules = line_.remove_residue(residue.substr(0, end));
  if (end == std::string::npos) return rules;
  const Result<> netem = netem_.remove_residue(residue.substr(end + kBetween.size()));
  return rules.ok() ? netem : rules;
}

DelayBackend& ChosenDelay::current() {
  if (is_line_) return line_;
  return netem_;
}

Result<> ChosenDelay::set(const std::vector<DelayRow>& rows) {
  if (is_line_ || choice_ == DelayChoice::kLine) return set_line(rows, "");
  const Result<> set = netem_.set(rows);
  if (set.ok() || set.error().code != Errc::kUnsupported) return set;
  if (choice_ == DelayChoice::kNetem) return set;
  TRY(set_line(rows, set.error().what));
  return netem_.release();
}

Result<> ChosenDelay::set_line(const std::vector<DelayRow>& rows, const std::string& why) {
  Result<> set = line_.set(rows);
  if (!set.ok()) return why.empty() ? set : std::move(set).error().in(why + "; the delay line");
  is_line_ = true;
  return {};
}

void ChosenDelay::extend(const FaultId& fault, BootTime expiry) {
  current().extend(fault, expiry);
}

Result<> ChosenDelay::release() {
  is_line_ = false;
  const Result<> line = line_.release();
  const Result<> netem = netem_.release();
  return line.ok() ? netem : line;
}

Result<bool> ChosenDelay::is_gone() {
  const bool has_line_gone = TRY(line_.is_gone());
  return TRY(netem_.is_gone()) && has_line_gone;
}

Result<std::string> try_delays() {
  const Result<> netem = try_netem(netem_link(::getpid()));
  if (netem.ok()) return std::string("netem");
  const Result<> line = try_tun_delay();
  if (line.ok()) return "delay line in user space (" + netem.error().what + ")";
  return Error{Errc::kUnsupported, netem.error().what + "; " + line.error().what};
}

}  // namespace squall
