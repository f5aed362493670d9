// Parameters as tables: validation and typed access.
#include "base/params.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/nearest.h"

namespace squall {
namespace {

constexpr std::array<std::string_view, 8> kTypeNames = {
    "duration", "percent", "integer", "number", "text", "boolean", "choice", "signed duration"};

template <typename Number>
Result<Number> parse_number(std::string_view text, std::string_view kind) {
  Number number{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  // from_chars also reads "nan" and "inf", which no comparison with a limit would catch.
  const bool is_word = text.find_first_of("nN") != std::string_view::npos;
  if (text.empty() || is_word || parsed.ec != std::errc() ||
      parsed.ptr != text.data() + text.size()) {
    return Error{Errc::kInvalid, "'" + std::string(text) + "' is not " + std::string(kind)};
  }
  return number;
}

Result<double> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) {
    return Error{Errc::kInvalid, "'" + std::string(text) + "' is not a percentage; write 20%"};
  }
  const double number = TRY(parse_number<double>(text.substr(0, text.size() - 1), "a percentage"));
  if (number < 0 || number > 100) {
    return Error{Errc::kInvalid, "'" + std::string(text) + "' is outside 0% to 100%"};
  }
  return number / 100;
}

Result<> check_value(const ParamSpec& spec, const std::string& text) {
  switch (spec.type) {
    case ParamType::kDuration:
      TRY(parse_duration(text));
      break;
    case ParamType::kSignedDuration:
      TRY(parse_signed_duration(text));
      break;
    case ParamType::kPercent:
      TRY(parse_percent(text));
      break;
    case ParamType::kInteger:
      TRY(parse_number<std::int64_t>(text, "a whole number"));
      break;
    case ParamType::kNumber:
      TRY(parse_number<double>(text, "a number"));
      break;
    case ParamType::kBoolean:
      if (text != "true" && text != "false") {
        return Error{Errc::kInvalid, "'" + text + "' is neither true nor false"};
      }
      break;
    case ParamType::kChoice: {
      const std::vector<std::string> choices = split_choices(spec.choices);
      if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
        return Error{Errc::kInvalid, "'" + text + "' is not known" + suggestion(text, choices)};
      }
      break;
    }
    case ParamType::kText:
      break;
  }
  return {};
}

const ParamSpec* find_spec(std::span<const ParamSpec> specs, std::string_view name) {
  const auto found = std::find_if(specs.begin(), specs.end(),
                                  [&](const ParamSpec& spec) { return spec.name == name; });
  return found == specs.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(std::span<const ParamSpec> specs) {
  std::vector<std::string> names;
  for (const ParamSpec& spec : specs) names.emplace_back(spec.name);
  return names;
}

}  // namespace

Result<Params> make_params(std::span<const ParamSpec> specs,
                           const std::map<std::string, RawParam>& given,
                           std::vector<ParamProblem>& problems) {
  const std::size_t before = problems.size();
  Params params;
  for (const auto& [name, raw] : given) {
    const ParamSpec* spec = find_spec(specs, name);
    if (spec == nullptr) {
      problems.push_back({name, "unknown key '" + name + "'" + suggestion(name, names_of(specs)),
                          raw.line, raw.column});
      continue;
    }
    if (const Result<> checked = check_value(*spec, raw.text); !checked) {
      problems.push_back({name, "'" + name + "': " + checked.error().what, raw.line, raw.column});
      continue;
    }
    params.values_[name] = raw.text;
  }
  for (const ParamSpec& spec : specs) {
    if (given.contains(std::string(spec.name))) continue;
    if (spec.fallback == kRequired) {
      problems.push_back({std::string(spec.name), "'" + std::string(spec.name) +
                                                      "' is missing: " + std::string(spec.help)});
      continue;
    }
    params.values_[std::string(spec.name)] = std::string(spec.fallback);
  }
  if (problems.size() == before) return params;
  return Error{Errc::kInvalid, std::to_string(problems.size() - before) + " bad parameter(s)"};
}

Result<Params> make_params(std::span<const ParamSpec> specs,
                           const std::map<std::string, std::string>& given) {
  std::map<std::string, RawParam> raw;
  for (const auto& [name, text] : given) raw[name] = RawParam{.text = text};
  std::vector<ParamProblem> problems;
  Result<Params> params = make_params(specs, raw, problems);
  if (params.ok()) return params;
  std::string all;
  for (const ParamProblem& problem : problems) all += (all.empty() ? "" : "; ") + problem.what;
  return Error{Errc::kInvalid, all};
}

const std::string& Params::text(std::string_view name) const {
  const auto found = values_.find(name);
  CHECK(found != values_.end());
  return found->second;
}

bool Params::has(std::string_view name) const {
  const auto found = values_.find(name);
  return found != values_.end() && !found->second.empty();
}

Duration Params::duration(std::string_view name) const {
  return *parse_duration(text(name));
}
Duration Params::signed_duration(std::string_view name) const {
  return *parse_signed_duration(text(name));
}
double Params::percent(std::string_view name) const {
  return *parse_percent(text(name));
}
std::int64_t Params::integer(std::string_view name) const {
  return *parse_number<std::int64_t>(text(name), "a whole number");
}
double Params::number(std::string_view name) const {
  return *parse_number<double>(text(name), "a number");
}
bool Params::boolean(std::string_view name) const {
  return text(name) == "true";
}

std::string_view to_text(ParamType type) {
  return kTypeNames.at(static_cast<std::size_t>(type));
}

std::vector<std::string> split_choices(std::string_view choices) {
  std::vector<std::string> list;
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    list.emplace_back(choices.substr(0, bar));
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return list;
}

}  // namespace squall
