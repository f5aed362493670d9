// What makes steered packets late, behind one interface: the kernel's netem where there is one, or
// a delay line in user space on a TUN device.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "faults/link_quality.h"

namespace squall {

// One fault's delay of packets to these literal addresses.
struct DelayRow {
  FaultId fault;
  std::size_t slot = 0;  // no other fault's; kept for its life
  DelaySpec delay;
  std::set<std::string> ipv4;
  std::set<std::string> ipv6;
  BootTime expiry;  // from then on it adds nothing, whatever else happens
};

struct DelayCounters {
  std::uint64_t sent = 0;     // on time or late
  std::uint64_t dropped = 0;  // by a full queue, anywhere between steering and sending
  std::uint64_t waiting = 0;
  Duration late{0};  // the sum over all sent packets of how late they left; netem does not say
};

// Packets are steered by whoever marks them with kSteerMark; the backend takes them from there, and
// sends them with kDelayedMark.  Not for two threads at once.
class DelayBackend {
 public:
  virtual ~DelayBackend() = default;

  // What of it would outlive this agent, as text for the journal; known before the first set().
  [[nodiscard]] virtual std::string residue() const = 0;
  // Removes that.  Idempotent, and also of an agent that is gone.
  [[nodiscard]] virtual Result<> remove_residue(const std::string& residue) = 0;

  // These delays from now on, instead of those before.  When it returns, packets may be steered.
  // Packets that wait already keep their time.  After an error nothing has changed, or check()
  // fails.
  [[nodiscard]] virtual Result<> set(const std::vector<DelayRow>& rows) = 0;
  // A lease was renewed.
  virtual void extend(const FaultId& fault, BootTime expiry) = 0;
  // Whether it works; an error says how it died, or that it hangs.
  [[nodiscard]] virtual Result<> check() = 0;
  // Call it when nothing is steered any more.  Packets that wait still leave when they are due; it
  // returns at once and goes away by itself after the last one.  Fine when there is nothing.
  [[nodiscard]] virtual Result<> release() = 0;
  // After release(): whether nothing of residue() is left.  Takes away what nobody waits in.
  [[nodiscard]] virtual Result<bool> is_gone() = 0;

  // As the backend itself says it.  Empty after release(), or when it does not answer.
  [[nodiscard]] virtual std::map<FaultId, DelaySpec> carried() = 0;
  // Since set() was called first after a release().
  [[nodiscard]] virtual Result<DelayCounters> counters() = 0;
};

}  // namespace squall
