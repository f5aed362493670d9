// `squall generate`: seeded histories of simulated systems, as JSON lines.
#include "history/generate/generate.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "base/fd.h"
#include "cli/commands.h"
#include "cli/print.h"

namespace squall {
namespace {

constexpr const char* kStandardOutput = "-";
constexpr mode_t kFileMode = 0644;

struct Options {
  const WorkloadRow* workload = nullptr;
  std::map<std::string, std::string> given;
  std::string out = kStandardOutput;
};

Result<> write_all(const Fd& fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("write " + path);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<> generate(const Options& options) {
  std::map<std::string, std::string> given;
  for (const auto& [name, text] : options.given) {
    if (!text.empty()) given.emplace(name, text);
  }
  const Params params = TRY(make_params(options.workload->params, given));
  const bool is_output = options.out == kStandardOutput;
  const Fd fd(
      is_output ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                : ::open(options.out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
  if (!fd.is_open()) return errno_error("open " + options.out);
  return options.workload->generate(
      params, [&](std::string_view text) { return write_all(fd, text, options.out); });
}

void add_workload(CLI::App& command, const WorkloadRow& row, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  options->workload = &row;
  CLI::App* workload = command.add_subcommand(std::string(row.name), std::string(row.help));
  for (const ParamSpec& spec : row.params) {
    std::string help(spec.help);
    if (!spec.choices.empty()) help += ": " + std::string(spec.choices);
    if (!spec.fallback.empty()) help += " (default: " + std::string(spec.fallback) + ")";
    workload->add_option("--" + std::string(spec.name), options->given[std::string(spec.name)],
                         help);
  }
  workload->add_option("--out", options->out, "The file to write (default: the output)");
  workload->callback([options, &chosen] {
    chosen.run = [options] {
      const Result<> done = generate(*options);
      return done ? 0 : fail(done.error());
    };
  });
}

}  // namespace

void add_generate(CLI::App& program, Chosen& chosen) {
  CLI::App* command = program.add_subcommand(
      "generate", "Make a history out of a seed, of a simulated system that works or errs");
  command->require_subcommand(1);
  for (const WorkloadRow& row : workloads()) add_workload(*command, row, chosen);
  command->footer(
      "The same seed gives the same bytes.  The histories that the checkers are measured with:\n"
      "  squall generate kv --clients 50 --operations 1700\n"
      "  squall generate register --operations 50000\n"
      "  squall generate register --operations 10000 --clients 50 --values 0\n"
      "  squall generate register --operations 30000 --keys 100 --info-rate 30%\n"
      "  squall generate list-append --operations 1000000\n"
      "  squall generate list-append --operations 1000000 --isolation snapshot-isolation\n"
      "  squall generate list-append --operations 10000 --isolation none --abort-rate 5%\n"
      "  squall generate rw-register --operations 1000000 --clients 50 --keys 1000 --steps-min 8\n"
      "      --steps-max 8 --form sessions\n"
      "  squall generate register --clients 2 --faulty stale-read=10% | squall check -");
}

}  // namespace squall
