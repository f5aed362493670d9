// Does this machine let us work?  Each probe really tries, and a refusal is kUnsupported with the
// cause and the cure in its text.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace squall {

// A child does what a lab begins with: makes its namespaces, maps its ids, mounts a /proc.
[[nodiscard]] Result<> probe_user_namespaces();
// The same with the kernel's cause alone: no cure.
[[nodiscard]] Result<> try_user_namespaces();
// Opens /dev/net/tun; where the caller may, also makes a TUN device and lets it vanish again.
[[nodiscard]] Result<> probe_tun();
// Makes what a delay by netem takes in a network namespace of its own.
[[nodiscard]] Result<> probe_netem();
// Makes an owner table with a set with timeouts in a network namespace of its own and drops it.
[[nodiscard]] Result<> probe_nftables();

struct KernelVersion {
  int major = 0;
  int minor = 0;
  friend auto operator<=>(const KernelVersion&, const KernelVersion&) = default;
};
// Owner tables came with 5.12.
inline constexpr KernelVersion kOldestKernel{5, 12};

// From uname's release: "6.1.0-18-amd64" is {6, 1}.
[[nodiscard]] Result<KernelVersion> parse_kernel_version(std::string_view release);
[[nodiscard]] Result<KernelVersion> kernel_version();
[[nodiscard]] Result<> probe_kernel_version();

struct Hindrance {
  std::string what;
  std::string cure;
};
// Every cause that can be read below `root` ("" is this machine, tests pass a directory).
[[nodiscard]] std::vector<Hindrance> user_namespace_hindrances(const std::string& root);
// What stands between us and user namespaces, read below `root`: the
// sentence probe_user_namespaces() appends, with every cause it found and its cure.
[[nodiscard]] std::string user_namespace_advice(const std::string& root);

}  // namespace squall
