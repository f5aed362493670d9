// `squall query`: one SQL statement over a run file, read-only.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/print.h"
#include "history/run_file.h"

namespace squall {
namespace {

constexpr std::size_t kRowLimit = 100'000;

struct Options {
  std::string file;
  std::string sql;
  bool is_tsv = false;
};

std::string aligned(const QueryTable& table) {
  std::vector<std::size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(column.size());
  for (const std::vector<std::string>& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - row[i].size() + 2, ' ');
    }
    text += '\n';
  };
  add(table.columns);
  for (const std::vector<std::string>& row : table.rows) add(row);
  return text;
}

// A tab or a line break inside a value would make two of one: both are written as in C.
std::string escaped(const std::string& value) {
  std::string text;
  for (const char c : value) {
    switch (c) {
      case '\\':
        text += "\\\\";
        break;
      case '\t':
        text += "\\t";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      default:
        text += c;
    }
  }
  return text;
}

std::string tab_separated(const QueryTable& table) {
  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : "\t") + escaped(row[i]);
    text += '\n';
  };
  for (const std::vector<std::string>& row : table.rows) add(row);
  return text;
}

int query(const Options& options) {
  const Result<QueryTable> table = query_run_file(options.file, options.sql, kRowLimit);
  if (!table) return fail(table.error());
  print_text(options.is_tsv ? tab_separated(*table) : aligned(*table));
  return 0;
}

}  // namespace

void add_query(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("query", "Ask a run file in SQL (read-only)");
  command->add_option("FILE", options->file, "A run file")->required();
  command->add_option("SQL", options->sql, "One statement")->required();
  command->add_flag("--tsv", options->is_tsv,
                    "Tab-separated, no head line; \\t, \\n, \\r and \\\\ escaped");
  command->footer(
      "Example:\n  squall query RUN.squall \"SELECT id, kind, targets FROM faults\"\n"
      "The tables are described in docs/run-file.md.");
  command->callback([options, &chosen] { chosen.run = [options] { return query(*options); }; });
}

}  // namespace squall
