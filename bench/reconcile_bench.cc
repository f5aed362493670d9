// How long one reconcile of the network plane takes, p50 and p99, beside a netlink round trip that
// does nothing.  In namespaces of its own; needs no root.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "agent/linux_kernel.h"
#include "agent/planes/network_applier.h"
#include "kernel/namespaces.h"

namespace squall {
namespace {

constexpr int kRounds = 1000;
constexpr Duration kLease = std::chrono::seconds(5);

struct Percentiles {
  double p50 = 0;
  double p99 = 0;
};

template <typename Work>
Result<Percentiles> measure(Work work) {
  std::vector<double> micros;
  for (int round = 0; round < kRounds; ++round) {
    const MonoTime start = system_clock().mono();
    TRY(work(round));
    micros.push_back(static_cast<double>((system_clock().mono() - start).count()) / 1000);
  }
  std::sort(micros.begin(), micros.end());
  return Percentiles{micros[micros.size() / 2], micros[micros.size() * 99 / 100]};
}

void print(const char* what, int peers, const Percentiles& found) {
  std::printf("%-26s %3d peers   p50 %8.1f us   p99 %8.1f us\n", what, peers, found.p50, found.p99);
}

NetworkState cut_from(int peers) {
  NetworkState state;
  state.drops.push_back({FaultId("cut"), {}, {}});
  for (int i = 1; i <= peers; ++i) {
    state.drops[0].ipv4.insert("198.18.1." + std::to_string(i));
    state.drops[0].ipv6.insert("fd00::1:" + std::to_string(i));
  }
  return state;
}

Result<> run_for(NodeKernel& kernel, int peers) {
  Journal journal(kernel, "bench");
  NetworkApplier applier(kernel, journal, system_clock(), {"squall_bench", 4747});
  const NetworkState state = cut_from(peers);
  // Rounds take turns: install, heal.
  print("install or heal", peers, TRY(measure([&](int round) {
          return applier.reconcile(round % 2 == 0 ? state : NetworkState(), kLease);
        })));
  TRY(applier.reconcile(state, kLease));
  const auto renew = [&](int) -> Result<> {
    const Result<std::vector<FaultId>> lost = applier.renew(kLease);
    if (!lost.ok()) return lost.error();
    if (lost->empty()) return {};
    return Error{Errc::kTimeout, "the lease lapsed while it was renewed"};
  };
  print("renew", peers, TRY(measure(renew)));
  return applier.reconcile({}, kLease);
}

Result<> run() {
  const IdMap map{.outside_uid = ::geteuid(), .outside_gid = ::getegid()};
  TRY(unshare_namespaces(CLONE_NEWUSER | CLONE_NEWNET));
  TRY(write_id_maps(0, map));
  const auto kernel = TRY(LinuxKernel::open("/dev/null", ""));
  TRY(kernel->run_nft("add table inet squall_noop { flags owner; }\n"));
  print("no-op netlink round trip", 0, TRY(measure([&](int) {
          return kernel->run_nft("add table inet squall_noop { flags owner; }\n");
        })));
  for (const int peers : {1, 10}) TRY(run_for(*kernel, peers));
  return {};
}

}  // namespace
}  // namespace squall

int main() {
  const squall::Result<> done = squall::run();
  if (done.ok()) return 0;
  std::fprintf(stderr, "%s\n", done.error().what.c_str());
  return 1;
}
