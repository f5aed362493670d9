// The small world, and golden files.
#include "tests/scenarios/small_world.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "base/files.h"

namespace squall::test {
namespace {

constexpr std::array<ParamSpec, 3> kEtcd = {{
    {"timeout", ParamType::kDuration, "1s", "how long an operation may take", ""},
    {"keys", ParamType::kInteger, "3", "keys in use at a time", ""},
    {"read", ParamType::kChoice, "linearizable", "how reads are answered",
     "linearizable|serializable"},
}};
constexpr std::array<ParamSpec, 2> kLock = {{
    {"lease", ParamType::kDuration, kRequired, "of the lock", ""},
    {"hold", ParamType::kDuration, "1s", "how long the section is", ""},
}};
constexpr std::array<ClientRow, 2> kClients = {{
    {"etcd", "A key-value client.", "", kEtcd, false},
    {"etcd-lock", "A lock.", "", kLock, true},
}};

std::string all_texts(const std::vector<Problem>& problems) {
  std::string all;
  for (const Problem& problem : problems) all += problem.to_text() + "\n";
  return all;
}

}  // namespace

Vocabulary small_vocabulary() {
  return {kClients};
}

LoadOptions small_options(const std::map<std::string, std::string>& overrides) {
  return {overrides, small_vocabulary()};
}

std::string small_topology() {
  return "{topology: small, regions: {eu: {us: 20ms}, us: {}}, "
         "nodes: {e1: {region: eu, run: [etcd]}, e2: {region: eu, run: [etcd]}, "
         "e3: {region: us, run: [etcd, proxy]}}, "
         "processes: {etcd: {role: registry, command: [etcd, '--name={node}']}, "
         "proxy: {command: [proxy]}}, "
         "leader: {registry: {http: 'http://{ip}:1/', matches: yes}}}";
}

std::string small_scenario(const std::string& timeline) {
  return "squall: 1\nname: small\nwhy: to test\nstack: {inline: " + small_topology() +
         "}\nworkload:\n  - {client: etcd, name: kv, processes: 4}\n"
         "  - {client: etcd-lock, processes: 3, from: region/eu, lease: 2s}\n"
         "timeline: " +
         timeline + "\nchecks: [linearizable: {client: kv}]\n";
}

Scenario parsed(const std::string& text, const std::map<std::string, std::string>& overrides) {
  std::vector<Problem> problems;
  Result<Scenario> scenario = parse_scenario(text, "test.yaml", small_options(overrides), problems);
  EXPECT_EQ(all_texts(problems), "") << text;
  return std::move(scenario).value_or(Scenario());
}

std::string problems_in(const std::string& text,
                        const std::map<std::string, std::string>& overrides) {
  std::vector<Problem> problems;
  const auto scenario = parse_scenario(text, "test.yaml", small_options(overrides), problems);
  EXPECT_EQ(scenario.ok(), problems.empty());
  return all_texts(problems);
}

std::string source_path(const std::string& path) {
  const char* root = std::getenv("SQUALL_SOURCE_DIR");
  EXPECT_NE(root, nullptr) << "ctest sets SQUALL_SOURCE_DIR";
  return std::string(root == nullptr ? "." : root) + "/" + path;
}

std::string read_text(const std::string& path) {
  const Result<std::string> text = read_file(path);
  return text.ok() ? *text : "cannot read: " + text.error().what;
}

void expect_golden(const std::string& path, const std::string& text) {
  if (std::getenv("SQUALL_REWRITE") != nullptr) {
    ASSERT_TRUE(write_file(path, text).ok());
    return;
  }
  EXPECT_EQ(text, read_text(path)) << path;
}

}  // namespace squall::test
