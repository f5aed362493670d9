// What the commands print, in one voice.
#include "cli/print.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "workload/client.h"

namespace squall {
namespace {

constexpr std::size_t kTextWidth = 92;

LoadOptions load_options() {
  LoadOptions options;
  options.vocabulary.clients = clients();
  return options;
}

Result<> add_overrides(LoadOptions& options, const std::vector<std::string>& overrides) {
  for (const std::string& text : overrides) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{Errc::kInvalid, "--set '" + text + "': write KEY=VALUE, for example seed=9"};
    }
    options.overrides[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return {};
}

}  // namespace

void print_line(const std::string& text) {
  std::cout << text << '\n' << std::flush;
}
void print_text(const std::string& text) {
  std::cout << text << std::flush;
}
void print_error(const std::string& text) {
  std::cerr << "squall: " << text << '\n' << std::flush;
}

int to_int(ExitCode code) {
  return static_cast<int>(code);
}

int fail(const Error& error) {
  print_error(error.what);
  switch (error.code) {
    case Errc::kInvalid:
    case Errc::kNotFound:
      return to_int(ExitCode::kUsage);
    case Errc::kAborted:
      return to_int(ExitCode::kAborted);
    case Errc::kDirty:
      return to_int(ExitCode::kDirty);
    case Errc::kUnsupported:
    case Errc::kIo:
    case Errc::kTimeout:
      break;
  }
  return to_int(ExitCode::kInvalid);
}

bool wants_color() {
  const char* refused = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): at start only
  return (refused == nullptr || *refused == '\0') && ::isatty(STDOUT_FILENO) == 1;
}

std::string wrap(const std::string& text, std::size_t width, const std::string& indent) {
  std::string wrapped = indent;
  std::size_t column = indent.size();
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::size_t length = end - begin;
    if (column + length + 1 > width && column > indent.size()) {
      wrapped += "\n" + indent;
      column = indent.size();
    } else if (column > indent.size()) {
      wrapped += ' ';
      ++column;
    }
    wrapped.append(text, begin, length);
    column += length;
    begin = std::min(end + 1, text.size());
  }
  return wrapped + "\n";
}

std::string wrap_lines(const std::string& text, const std::string& indent) {
  std::string indented;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    indented += (indented.empty() ? "" : "\n") + indent + text.substr(begin, end - begin);
    begin = end + 1;
  }
  return indented;
}

std::string params_text(std::span<const ParamSpec> params, const std::string& indent) {
  std::string text;
  for (const ParamSpec& spec : params) {
    std::string line = std::string(spec.name) + " (" + std::string(to_text(spec.type));
    if (spec.type == ParamType::kChoice) line += " " + std::string(spec.choices);
    if (spec.fallback == kRequired) line += ", required";
    if (spec.fallback != kRequired && !spec.fallback.empty()) {
      line += ", default " + std::string(spec.fallback);
    }
    line += "): " + std::string(spec.help);
    text += wrap(line, kTextWidth, indent);
  }
  return text;
}

std::string params_markdown(std::span<const ParamSpec> params) {
  if (params.empty()) return "";
  std::string text = "| parameter | type | default | meaning |\n|---|---|---|---|\n";
  for (const ParamSpec& spec : params) {
    const bool is_required = spec.fallback == kRequired;
    std::string choices(spec.choices);
    for (std::size_t bar = choices.find('|'); bar != std::string::npos;
         bar = choices.find('|', bar + 2)) {
      choices.replace(bar, 1, ", ");
    }
    text += "| `" + std::string(spec.name) + "` | " + std::string(to_text(spec.type)) +
            (choices.empty() ? "" : ": " + choices) + " | " +
            (is_required ? "required" : std::string(spec.fallback)) + " | " +
            std::string(spec.help) + " |\n";
  }
  return text + "\n";
}

Result<Scenario> load_or_print(const std::string& path, const std::vector<std::string>& overrides) {
  LoadOptions options = load_options();
  TRY(add_overrides(options, overrides));
  std::vector<Problem> problems;
  Result<Scenario> scenario = load_scenario(path, options, problems);
  for (const Problem& problem : problems) std::cerr << problem.to_text() << '\n';
  return scenario;
}

Result<Scenario> scenario_of(const Recording& recording, const std::string& path) {
  const auto resolved = recording.meta.find("resolved");
  if (resolved == recording.meta.end()) {
    return Error{Errc::kInvalid,
                 path + ": the run file holds no scenario; it was cut off very early"};
  }
  std::vector<Problem> problems;
  Result<Scenario> scenario =
      parse_scenario(resolved->second, path + ":resolved", load_options(), problems);
  if (!scenario && !problems.empty()) return Error{Errc::kInvalid, problems.front().to_text()};
  return scenario;
}

}  // namespace squall
