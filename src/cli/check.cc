// `squall check`: checks recorded histories again, offline.  Exits 0 valid, 1 violated, 4 unknown,
// 2 usage or unreadable.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "base/files.h"
#include "checker/checker.h"
#include "cli/commands.h"
#include "cli/default_checks.h"
#include "cli/memory_use.h"
#include "cli/print.h"
#include "cli/time_limit.h"
#include "history/read_recording.h"
#include "history/text_source.h"
#include "report/check_page.h"

namespace squall {
namespace {

constexpr std::size_t kWitnessesShown = 5;
constexpr const char* kDefaultTimeLimit = "60s";

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> checkers;
  std::string format = "auto";
  std::string time_limit;
  std::uint64_t memory_limit = std::uint64_t{2} << 30U;
  unsigned threads = 0;  // 0: one for each core
  bool has_independent_keys = false;
  bool is_json = false;
  std::string html;
};

// What a check cost, where it came to a limit.
struct Limits {
  bool is_time_over = false;
  Duration taken{0};
  Duration time{0};
  bool is_memory_over = false;
  std::uint64_t peak = 0;
  std::uint64_t memory = 0;

  [[nodiscard]] std::string to_text() const;
};

std::string Limits::to_text() const {
  if (is_time_over) {
    return "time limit of " + squall::to_text(time) + ": stopped " +
           to_short_text(std::max(taken - time, Duration{0})) + " after it";
  }
  if (!is_memory_over) return "";
  const std::uint64_t over = peak > memory ? peak - memory : 0;
  return "memory limit of " + bytes_text(memory) + ": the process took " + bytes_text(peak) +
         " at most, " + (over > 0 ? bytes_text(over) + " over it" : "within it");
}

struct Checked {
  CheckRequest request;
  Verdict verdict;
  Limits limits;
};

class Checking {
 public:
  explicit Checking(const Options& options)
      : options_(options),
        pool_(options.threads > 0 ? options.threads
                                  : std::max(1U, std::thread::hardware_concurrency())) {}

  // The loudest answer over all files, or the first error.
  Result<Answer> check_all();

 private:
  Result<> check_file(const std::string& file);
  Result<ReadRecording> read(const std::string& file);
  Checked check(const CheckRequest& request, const Recording& recording, const std::string& file);
  void show(const std::string& file, const Checked& checked, const Recording& recording);
  [[nodiscard]] Budget budget_for(const Recording& recording);

  const Options& options_;
  Pool pool_;
  Duration time_limit_{0};
  Answer loudest_ = Answer::kValid;
  nlohmann::json all_ = nlohmann::json::array();
  std::vector<PageVerdict> page_;
};

void warn(const std::string& file, const ReadRecording& read) {
  const ImportFacts& facts = read.facts;
  for (const std::string& difference : facts.differences) print_error(difference);
  if (facts.differing > facts.differences.size()) {
    print_error(file + ": and " + std::to_string(facts.differing - facts.differences.size()) +
                " more completions whose value differs from the invocation's");
  }
}

Result<ReadRecording> Checking::read(const std::string& file) {
  ReadOptions how;
  for (const auto& [name, format] : kRecordingFormats) {
    if (name == options_.format) how.format = format;
  }
  how.import = {.has_independent_keys = options_.has_independent_keys,
                .memory = options_.memory_limit};
  ReadRecording read = TRY(read_recording(file, how));
  warn(file, read);
  return read;
}

// A limit on time that the user gave decides alone; else counted steps do too, so that an answer
// does not depend on the machine.
Budget Checking::budget_for(const Recording& recording) {
  Budget budget;
  const std::uint64_t used =
      recording.history.bytes() + (recording.transactions ? recording.transactions->bytes() : 0);
  budget.memory = options_.memory_limit > used ? options_.memory_limit - used : 0;
  budget.pool = &pool_;
  if (!options_.time_limit.empty()) budget.steps = std::numeric_limits<std::uint64_t>::max();
  return budget;
}

Checked Checking::check(const CheckRequest& request, const Recording& recording,
                        const std::string& file) {
  Budget budget = budget_for(recording);
  const bool shows_progress = ::isatty(STDERR_FILENO) != 0;
  const std::string progress = shows_progress ? file + ": " + request.to_text() : "";
  TimeLimit limit(system_clock(), time_limit_, progress);
  budget.is_cancelled = &limit.is_over();
  Checked checked{
      .request = request, .verdict = run_check(request, recording, budget), .limits = {}};
  const bool is_unknown = checked.verdict.answer == Answer::kUnknown;
  checked.limits = {
      .is_time_over = is_unknown && limit.is_over().load(),
      .taken = limit.taken(),
      .time = limit.limit(),
      .is_memory_over = is_unknown && checked.verdict.summary.find("memory") != std::string::npos,
      .peak = peak_memory(),
      .memory = options_.memory_limit};
  return checked;
}

nlohmann::json verdict_json(const std::string& file, const Checked& checked) {
  const VerdictRow row = to_row(checked.request, checked.verdict);
  nlohmann::json json = {
      {"file", file},           {"check", row.check},
      {"answer", row.answer},   {"examined", row.examined},
      {"summary", row.summary}, {"detail", nlohmann::json::parse(row.detail, nullptr, false)}};
  if (const std::string limits = checked.limits.to_text(); !limits.empty()) json["limit"] = limits;
  return json;
}

void Checking::show(const std::string& file, const Checked& checked, const Recording& recording) {
  const Verdict& verdict = checked.verdict;
  loudest_ = std::max(loudest_, verdict.answer);
  if (!options_.html.empty()) {
    page_.push_back(page_verdict(file, checked.request, verdict, recording));
  }
  if (options_.is_json) {
    all_.push_back(verdict_json(file, checked));
    return;
  }
  if (options_.html == kStandardInput) return;  // that is the output
  print_line(file + ": " + checked.request.to_text() + ": " + std::string(to_text(verdict.answer)) +
             ", " + std::to_string(verdict.examined) + " examined: " + verdict.summary);
  const std::size_t shown = std::min(verdict.witnesses.size(), kWitnessesShown);
  for (std::size_t i = 0; i < shown; ++i) print_line("  - " + verdict.witnesses[i].why);
  if (const std::string limits = checked.limits.to_text(); !limits.empty()) {
    print_line("  " + limits);
  }
}

Result<> Checking::check_file(const std::string& file) {
  forget_peak_memory();
  const ReadRecording read = TRY(this->read(file));
  for (const CheckRequest& request : TRY(choose_checks(options_.checkers, read.recording, file))) {
    show(file, check(request, read.recording, file), read.recording);
  }
  return {};
}

Result<Answer> Checking::check_all() {
  time_limit_ =
      TRY(parse_duration(options_.time_limit.empty() ? kDefaultTimeLimit : options_.time_limit)
              .in("--time-limit"));
  if (options_.is_json && options_.html == kStandardInput) {
    return Error{Errc::kInvalid, "--json and --html cannot both go to '-': give one a file"};
  }
  for (const std::string& file : options_.files) TRY(check_file(file));
  if (options_.is_json) print_line(all_.dump(2));
  if (options_.html == kStandardInput) {
    print_text(check_page(page_));
  } else if (!options_.html.empty()) {
    TRY(write_file(options_.html, check_page(page_)));
  }
  return loudest_;
}

int check(const Options& options) {
  const Result<Answer> answer = Checking(options).check_all();
  if (!answer) {
    print_error(answer.error().what);
    return to_int(ExitCode::kUsage);
  }
  if (*answer == Answer::kViolated) return to_int(ExitCode::kViolation);
  return to_int(*answer == Answer::kUnknown ? ExitCode::kInconclusive : ExitCode::kAsExpected);
}

void add_options(CLI::App& command, Options& options) {
  command
      .add_option("FILE", options.files,
                  "Run files, JSON lines, JSON, EDN, Jepsen logs, Porcupine's or AWDIT's text; "
                  "plain, .gz or .zst; - is the input")
      ->required();
  command
      .add_option("--checker", options.checkers,
                  "NAME or NAME:param=value,… (repeatable; default: the run's own checks)")
      ->allow_extra_args(false);
  std::vector<std::string> formats;
  for (const auto& [name, format] : kRecordingFormats) formats.emplace_back(name);
  command.add_option("--format", options.format, "What the files are (default: by their content)")
      ->check(CLI::IsMember(formats));
  command.add_flag("--independent", options.has_independent_keys,
                   "Values are [key value], as jepsen.independent writes them");
  command.add_option("--time-limit", options.time_limit,
                     "For each check; given, it lifts the limit on steps (default: 60s)");
  command
      .add_option("--memory-limit", options.memory_limit,
                  "For a history and its check, such as 512MiB (default: 2GiB)")
      ->transform(CLI::AsSizeValue(false));
  command
      .add_option("--threads", options.threads,
                  "Never changes an answer (default: one for each core)")
      ->check(CLI::Range(1U, 1024U));
  command.add_flag("--json", options.is_json, "As JSON");
  command.add_option("--html", options.html,
                     "Write one page with verdicts and witnesses here; - is the output");
}

}  // namespace

void add_check(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("check", "Check recorded histories again, offline");
  add_options(*command, *options);
  command->footer(
      "Examples:\n"
      "  squall check RUN.squall\n"
      "  squall check history.jsonl --checker linearizable:model=cas-register\n"
      "  squall check jepsen.edn.gz --checker set-full --html verdicts.html\n"
      "  squall generate register --operations 50000 | squall check - --checker linearizable\n"
      "Exits 0 valid, 1 violated, 4 unknown, 2 usage or unreadable.");
  command->callback([options, &chosen] { chosen.run = [options] { return check(*options); }; });
}

}  // namespace squall
