// A small world for the tests of this folder: three nodes, two kinds of client, and the shortest
// scenario that is right.
#pragma once

#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace squall::test {

// "etcd" (timeout, keys, read) and "etcd-lock" (lease, hold; isolated).
[[nodiscard]] Vocabulary small_vocabulary();
[[nodiscard]] LoadOptions small_options(const std::map<std::string, std::string>& overrides = {});

// e1, e2 in eu and e3 in us run etcd (role registry, with a leader); e3 runs a proxy too.
[[nodiscard]] std::string small_topology();
// A scenario over it; `timeline` is a YAML list in one line: "[{at: 1s, …}]".
[[nodiscard]] std::string small_scenario(const std::string& timeline = "[]");

// Fails the test with all problems if there are any.
[[nodiscard]] Scenario parsed(const std::string& text,
                              const std::map<std::string, std::string>& overrides = {});
// All problems, one a line.
[[nodiscard]] std::string problems_in(const std::string& text,
                                      const std::map<std::string, std::string>& overrides = {});

[[nodiscard]] std::string source_path(const std::string& path);
[[nodiscard]] std::string read_text(const std::string& path);
// Compares with the file; with SQUALL_REWRITE=1 writes it instead.
void expect_golden(const std::string& path, const std::string& text);

}  // namespace squall::test
