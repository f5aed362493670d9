// A check as text: "NAME:param=value,param=value", and running it.
#include <map>

#include "base/check.h"
#include "base/nearest.h"
#include "checker/checker.h"

namespace squall {
namespace {

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const CheckerRow& row : checkers()) all.emplace_back(row.name);
  return all;
}

// Splits at commas; "\," is a comma that belongs to the value.
std::vector<std::string> split_params(std::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',') {
      parts.back() += text[++i];
    } else if (text[i] == ',') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

Result<std::map<std::string, std::string>> parse_params(std::string_view text) {
  std::map<std::string, std::string> given;
  if (text.empty()) return given;
  for (const std::string& part : split_params(text)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{Errc::kInvalid, "'" + part + "' is not of the form param=value"};
    }
    if (!given.emplace(part.substr(0, equals), part.substr(equals + 1)).second) {
      return Error{Errc::kInvalid, "'" + part.substr(0, equals) + "' is given twice"};
    }
  }
  return given;
}

}  // namespace

std::string CheckRequest::to_text() const {
  const CheckerRow* row = find_checker(name);
  std::string inside;
  for (const ParamSpec& spec : row == nullptr ? std::span<const ParamSpec>() : row->params) {
    const auto it = params.all().find(spec.name);
    if (it == params.all().end() || it->second.empty() || it->second == spec.fallback) continue;
    inside += (inside.empty() ? "" : ",") + std::string(spec.name) + "=" + it->second;
  }
  return inside.empty() ? name : name + "{" + inside + "}";
}

Result<CheckRequest> parse_check(std::string_view text) {
  const std::size_t colon = text.find(':');
  CheckRequest request;
  request.name = text.substr(0, colon);
  const CheckerRow* row = find_checker(request.name);
  if (row == nullptr) {
    return Error{Errc::kInvalid,
                 "there is no checker '" + request.name + "'" + suggestion(request.name, names())};
  }
  const auto rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const auto given = TRY(parse_params(rest).in("check '" + request.name + "'"));
  request.params = TRY(make_params(row->params, given).in("check '" + request.name + "'"));
  TRY(validate(*row, request.params).in("check '" + request.name + "'"));
  return request;
}

Result<> validate(const CheckerRow& row, const Params& params) {
  return row.validate == nullptr ? Result<>() : row.validate(params);
}

Verdict run_check(const CheckRequest& request, const Recording& recording, const Budget& budget) {
  const CheckerRow* row = find_checker(request.name);
  CHECK(row != nullptr);
  Verdict verdict = row->check(CheckInput{recording, request.params, budget});
  if (verdict.examined == 0) verdict.answer = Answer::kUnknown;
  return verdict;
}

VerdictRow to_row(const CheckRequest& request, const Verdict& verdict) {
  VerdictRow row;
  row.check = request.to_text();
  const auto client = request.params.all().find("client");
  if (client != request.params.all().end()) row.client = client->second;
  row.answer = to_text(verdict.answer);
  row.kind = verdict.promise == Promise::kSafety ? "safety" : "slo";
  row.examined = verdict.examined;
  row.summary = verdict.summary;
  row.detail = to_json(verdict);
  return row;
}

}  // namespace squall
