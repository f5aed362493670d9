// From a file or a text to a validated scenario, with every problem on the way.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "base/files.h"
#include "base/program_path.h"
#include "scenarios/overrides.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/scenario_parts.h"
#include "scenarios/topology_reader.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

// The text of a small regular file; a device or a pipe could block or never end.
std::optional<std::string> read_small_file(const std::string& path, std::string& why) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    why = "there is no such file";
  } else if (!fs::is_regular_file(status)) {
    why = "not a file";
  } else if (fs::file_size(path, error) > kMaxYamlBytes) {
    why = "larger than 1 MiB; that is no file of ours";
  } else {
    Result<std::string> text = read_file(path, kMaxYamlBytes);
    if (text) return std::move(text).value();
    why = text.error().what;
  }
  return std::nullopt;
}

// The folders in which `stack: {use: …}` is looked up, nearest first.
std::vector<fs::path> search_folders(const std::string& scenario_path) {
  std::vector<fs::path> folders;
  std::error_code error;
  fs::path folder = fs::absolute(scenario_path, error).lexically_normal().parent_path();
  while (!folder.empty()) {
    folders.push_back(folder);
    if (folder == folder.root_path()) break;
    folder = folder.parent_path();
  }
  const fs::path program = self_program();
  if (!program.empty()) folders.push_back(program.parent_path().parent_path() / "share" / "squall");
  return folders;
}

std::optional<std::string> find_topology(const std::string& use, const std::string& scenario_path) {
  for (const fs::path& folder : search_folders(scenario_path)) {
    const fs::path candidate = folder / use;  // an absolute `use` replaces the folder
    std::error_code error;
    if (!fs::is_regular_file(candidate, error)) continue;
    const fs::path shorter = fs::relative(candidate, error);
    const std::string text = shorter.string();
    const bool is_near = !error && !text.empty() && !text.starts_with("..");
    return is_near ? text : candidate.string();
  }
  return std::nullopt;
}

// The tree of a used topology; nothing and a problem at `use` if there is none.
std::optional<YamlNode> used_topology(const YamlNode& use, ScenarioContext& context) {
  const auto wanted = scalar_text(use, "use", context.problems);
  if (!wanted) return std::nullopt;
  const auto path = find_topology(*wanted, context.scenario.path);
  if (!path) {
    context.problems.add(use, "there is no topology " + quote(*wanted) +
                                  " beside the scenario, above it or in the installed library");
    return std::nullopt;
  }
  std::string why;
  const std::optional<std::string> text = read_small_file(*path, why);
  if (!text) {
    context.problems.add(use, quote(*wanted) + ": " + why);
    return std::nullopt;
  }
  context.scenario.topology_path = *path;
  return parse_yaml(*text, *path, context.problems.list());
}

void read_stack(const YamlNode& node, ScenarioContext& context) {
  MapReader reader(node, "'stack'", context.problems, kStackKeys);
  reader.finish();
  const std::string_view given = reader.one_of("topology");
  if (given.empty()) return;
  const YamlNode& topology = *reader.find(given);
  const YamlNode* with = reader.find("with");
  const std::size_t before = context.problems.count();
  VariableValues values;
  if (with != nullptr) {
    const MapReader variables(*with, "'with'", context.problems);
    for (std::size_t i = 0; i < with->keys.size(); ++i) {
      values[with->keys[i].text] = &with->items[i];
    }
  }
  std::optional<YamlNode> tree = given == "use" ? used_topology(topology, context) : topology;
  if (!tree) return;
  context.scenario.topology = read_topology(std::move(*tree), values, context.problems);
  context.has_topology = context.problems.count() == before;
}

std::uint64_t read_seed(MapReader& reader, Problems& problems) {
  const std::string text = reader.text("seed");
  std::uint64_t seed = 1;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    problems.add(*find_key(reader.node(), "seed"),
                 "'seed': " + quote(text) + " is not a whole number below 2^64");
  }
  return seed;
}

void read_header(MapReader& reader, ScenarioContext& context) {
  Scenario& scenario = context.scenario;
  const YamlNode* version = reader.find("squall");
  if (version != nullptr && version->text != "1") {
    context.problems.add(*version, "version " + quote(version->text) +
                                       " is not known; this program reads 'squall: 1'");
  }
  scenario.name = reader.text("name");
  if (!scenario.name.empty() && !is_name(scenario.name)) {
    context.problems.add(*reader.find("name"), quote(scenario.name) +
                                                   " is no name: lower-case letters, digits and " +
                                                   "'-', a letter first, at most 63");
  }
  scenario.why = reader.text("why");
  scenario.expect = static_cast<Expect>(reader.choice("expect"));
  scenario.seed = read_seed(reader, context.problems);
  scenario.settle = reader.duration("settle");
  scenario.limit = reader.duration("limit");
  scenario.duration = reader.duration("duration");
  scenario.is_control = reader.boolean("control");
  scenario.is_stopped_on_violation = reader.boolean("stop-on-violation");
  if (scenario.duration > scenario.limit) {
    context.problems.add(*find_key(reader.node(), "duration"),
                         "'duration' is over the 'limit' of " + to_text(scenario.limit));
  }
}

bool is_early(const CheckRequest& request) {
  return find_checker(request.name)->early.check != nullptr;
}

// A run that cannot stop is not what was asked for.
void check_stop(const YamlNode& root, ScenarioContext& context) {
  const std::vector<CheckRequest>& checks = context.scenario.checks;
  if (!context.scenario.is_stopped_on_violation || checks.empty()) return;
  if (std::any_of(checks.begin(), checks.end(), is_early)) return;
  context.problems.add(*find_key(root, "stop-on-violation"),
                       "'stop-on-violation' needs a check that can be certain while the run goes "
                       "on; 'squall checkers' says which can");
}

void read_scenario(const YamlNode& root, ScenarioContext& context) {
  MapReader reader(root, "a scenario", context.problems, kScenarioKeys);
  if (!reader.is_map()) return;
  read_header(reader, context);
  const YamlNode* stack = reader.find("stack");
  const YamlNode* workload = reader.find("workload");
  const YamlNode* timeline = reader.find("timeline");
  const YamlNode* steady = reader.find("steady");
  const YamlNode* checks = reader.find("checks");
  const YamlNode* guard = reader.find("guard");
  reader.finish();
  if (stack != nullptr) read_stack(*stack, context);
  if (workload != nullptr) read_workload(*workload, context);
  if (timeline != nullptr) read_timeline(*timeline, context);
  if (steady != nullptr) read_steady(*steady, context);
  if (checks != nullptr) read_checks(*checks, context);
  if (guard != nullptr) read_guard(*guard, context);
  check_stop(root, context);
  const Scenario& scenario = context.scenario;
  if (scenario.is_control && (!scenario.timeline.empty() || scenario.random)) {
    context.problems.add(*timeline, "a control run has no timeline");
  }
}

Error counted(std::size_t count, const std::string& file) {
  return Error{Errc::kInvalid,
               file + ": " + std::to_string(count) + (count == 1 ? " problem" : " problems")};
}

}  // namespace

Result<Scenario> parse_scenario(const std::string& text, const std::string& name,
                                const LoadOptions& options, std::vector<Problem>& problems) {
  Problems sink(problems);
  Scenario scenario;
  scenario.path = name;
  std::optional<YamlNode> root = parse_yaml(text, name, problems);
  if (root) {
    apply_overrides(*root, options.overrides, sink);
    ScenarioContext context{scenario, options.vocabulary, sink};
    read_scenario(*root, context);
  }
  if (sink.count() == 0) return scenario;
  // In the order of the file, not of our reading.
  std::stable_sort(problems.end() - static_cast<std::ptrdiff_t>(sink.count()), problems.end(),
                   [](const Problem& a, const Problem& b) {
                     return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
                   });
  return counted(sink.count(), name);
}

Result<Topology> parse_topology(const std::string& text, const std::string& name,
                                std::vector<Problem>& problems) {
  Problems sink(problems);
  std::optional<YamlNode> root = parse_yaml(text, name, problems);
  Topology topology;
  if (root) topology = read_topology(std::move(*root), {}, sink);
  if (sink.count() == 0) return topology;
  return counted(sink.count(), name);
}

Result<Scenario> load_scenario(const std::string& path, const LoadOptions& options,
                               std::vector<Problem>& problems) {
  std::string why;
  const std::optional<std::string> text = read_small_file(path, why);
  if (text) return parse_scenario(*text, path, options, problems);
  problems.push_back(Problem{path, 0, 0, why});
  return counted(1, path);
}

}  // namespace squall
