// Each file of bad/ and the exact words that refuse it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/scenarios/small_world.h"

namespace squall {
namespace {

// Messages name files as the user gave them; here that is below the source folder.
std::string without(std::string text, const std::string& prefix) {
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
    text.erase(at, prefix.size());
  }
  return text;
}

std::string refusal(const std::string& path) {
  std::vector<Problem> problems;
  const auto scenario = load_scenario(path, test::small_options(), problems);
  std::string text;
  for (const Problem& problem : problems) text += problem.to_text() + "\n";
  text += scenario.ok() ? "accepted\n" : scenario.error().what + "\n";
  return without(text, test::source_path("tests/scenarios/bad/"));
}

TEST(BadScenarios, AreRefusedWithTheseWords) {
  std::vector<std::string> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(test::source_path("tests/scenarios/bad"))) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  ASSERT_GT(paths.size(), 20U);
  for (const std::string& path : paths) {
    const std::string text = refusal(path);
    EXPECT_EQ(text.find("accepted"), std::string::npos) << path;
    test::expect_golden(path.substr(0, path.size() - 4) + "txt", text);
  }
}

}  // namespace
}  // namespace squall
