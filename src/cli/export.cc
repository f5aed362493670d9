// `squall export`: a history in a form that other tools read.
#include <CLI/CLI.hpp>
#include <memory>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "history/import.h"
#include "history/jsonl.h"
#include "history/read_recording.h"

namespace squall {
namespace {

struct Options {
  std::string file;
  std::string from = "auto";
  std::string format = "jsonl";
  std::string out = "-";
};

Result<> export_history(const Options& options) {
  ReadOptions how{.keeps_operations = true};
  for (const auto& [name, format] : kRecordingFormats) {
    if (name == options.from) how.format = format;
  }
  const ReadRecording read = TRY(read_recording(options.file, how));
  if (read.recording.transactions) {
    return Error{Errc::kInvalid, options.file +
                                     ": transactions without times are no operations; "
                                     "only check reads them"};
  }
  const History& history = read.recording.history;
  const std::string text = options.format == "edn" ? write_edn(history) : write_jsonl(history);
  if (options.out != "-") return write_file(options.out, text);
  print_text(text);
  return {};
}

}  // namespace

void add_export(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("export", "Write a history as JSON lines or as Jepsen's EDN");
  command->add_option("FILE", options->file, "A run file or history, as for check; - is the input")
      ->required();
  command->add_option("--format", options->format, "jsonl, or edn for Jepsen, Knossos and Elle")
      ->check(CLI::IsMember({"jsonl", "edn"}));
  std::vector<std::string> formats;
  for (const auto& [name, format] : kRecordingFormats) formats.emplace_back(name);
  command->add_option("--from", options->from, "What FILE is (default: by its content)")
      ->check(CLI::IsMember(formats));
  command->add_option("--out", options->out, "The file to write (default: the output)");
  command->footer(
      "Examples:\n"
      "  squall export RUN.squall --format edn --out history.edn\n"
      "  squall export jepsen.edn.gz > history.jsonl");
  command->callback([options, &chosen] {
    chosen.run = [options] {
      const Result<> done = export_history(*options);
      return done ? 0 : fail(done.error());
    };
  });
}

}  // namespace squall
