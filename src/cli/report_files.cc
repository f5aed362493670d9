// Writing reports.
#include "cli/report_files.h"

#include "base/files.h"
#include "cli/print.h"
#include "report/html.h"
#include "report/junit.h"
#include "report/markdown.h"

namespace squall {
namespace {

constexpr const char* kStandardOutput = "-";

Result<> put(const std::string& path, const std::string& text) {
  if (path != kStandardOutput) return write_file(path, text);
  print_text(text);
  return {};
}

}  // namespace

bool goes_to_standard_output(const ReportFiles& files) {
  return files.html == kStandardOutput || files.markdown == kStandardOutput;
}

Result<> check_targets(const ReportFiles& files) {
  if (files.html == kStandardOutput && files.markdown == kStandardOutput) {
    return Error{Errc::kInvalid, "--html and --markdown cannot both go to '-': give one a file"};
  }
  return {};
}

Result<> write_reports(const ReportInput& input, const ReportFiles& files) {
  if (!files.junit.empty()) {
    TRY(write_file(files.junit, junit_xml(input.scenario, input.recording, input.judgement)));
  }
  if (!files.html.empty()) TRY(put(files.html, html_report(input)));
  if (!files.markdown.empty()) TRY(put(files.markdown, markdown_report(input)));
  return {};
}

}  // namespace squall
