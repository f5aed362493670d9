// A small scenario from one line of timeline.
#include "tests/orchestrator/small_run.h"

#include <cstdio>
#include <cstdlib>

#include "workload/client.h"

namespace squall::test {
namespace {

constexpr const char* kTopology =
    "{topology: small, regions: {eu: {us: 20ms}, us: {}}, nodes: {e1: {region: eu, run: [etcd]}, "
    "e2: {region: eu, run: [etcd]}, e3: {region: us, run: [etcd]}}, "
    "processes: {etcd: {role: registry, command: [etcd, '--name={node}']}}, "
    "leader: {registry: {http: 'http://{ip}:1/', matches: yes}}}";

}  // namespace

Scenario small_run(const std::string& timeline, const std::string& more) {
  std::string text = std::string("squall: 1\nname: small\nwhy: to test\nstack: {inline: ") +
                     kTopology +
                     "}\nworkload:\n  - {client: etcd, name: kv, processes: 2}\n"
                     "  - {client: etcd-lock, name: lock, lease: 2s, guard: none}\ntimeline: " +
                     timeline + "\n" + more;
  if (more.find("checks:") == std::string::npos) text += "\nchecks: [log-pattern]\n";
  LoadOptions options;
  options.vocabulary.clients = clients();
  std::vector<Problem> problems;
  Result<Scenario> scenario = parse_scenario(text, "small.yaml", options, problems);
  if (scenario) return std::move(*scenario);
  for (const Problem& problem : problems) {
    (void)std::fprintf(stderr, "%s\n", problem.to_text().c_str());
  }
  std::abort();
}

}  // namespace squall::test
