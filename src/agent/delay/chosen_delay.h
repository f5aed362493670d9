// Delays by whatever this kernel has: netem, or else the delay line in user space.
#pragma once

#include <string>

#include "agent/delay/netem_delay.h"
#include "agent/delay/tun_delay.h"

namespace squall {

enum class DelayChoice { kProbe, kNetem, kLine };

// Both take packets with the same mark, and the line takes them first (it is routed to before any
// device is reached).  So a change from netem to the line needs no packet to wait: the line is
// set, netem lets out what it has.
class ChosenDelay final : public DelayBackend {
 public:
  ChosenDelay(Fd for_netem, Fd for_line, DelayChoice choice)
      : netem_(std::move(for_netem)), line_(std::move(for_line)), choice_(choice) {}

  [[nodiscard]] std::string residue() const override;
  [[nodiscard]] Result<> remove_residue(const std::string& residue) override;
  [[nodiscard]] Result<> set(const std::vector<DelayRow>& rows) override;
  void extend(const FaultId& fault, BootTime expiry) override;
  [[nodiscard]] Result<> check() override { return current().check(); }
  [[nodiscard]] Result<> release() override;
  [[nodiscard]] Result<bool> is_gone() override;
  [[nodiscard]] std::map<FaultId, DelaySpec> carried() override { return current().carried(); }
  [[nodiscard]] Result<DelayCounters> counters() override { return current().counters(); }

 private:
  [[nodiscard]] DelayBackend& current();
  [[nodiscard]] Result<> set_line(const std::vector<DelayRow>& rows, const std::string& why);

  NetemDelay netem_;
  TunDelay line_;
  DelayChoice choice_;
  bool is_line_ = false;  // since the last set(), until release()
};

// What delays would use in the calling thread's network namespace, as a fact about it: "netem", or
// "delay line in user space (…: why not netem)".  kUnsupported when neither works.
[[nodiscard]] Result<std::string> try_delays();

}  // namespace squall
