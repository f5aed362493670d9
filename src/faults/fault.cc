// Targets and faults as text.
#include "faults/fault.h"

#include "faults/fault_text.h"

namespace squall {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "a, b" is {"a", "b"}; "" is {}.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!trimmed(text).empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Error malformed(std::string_view what, const std::string& why) {
  return {Errc::kInvalid, "'" + std::string(what) + "' " + why};
}

std::string join_targets(const std::vector<Target>& side) {
  std::string text;
  for (const Target& target : side) text += (text.empty() ? "" : ", ") + to_text(target);
  return text;
}

Result<std::map<std::string, std::string>> parse_params(std::string_view text) {
  std::map<std::string, std::string> params;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return malformed(part, "is not 'name=value'");
    const auto [at, is_new] =
        params.emplace(trimmed(part.substr(0, equals)), trimmed(part.substr(equals + 1)));
    if (!is_new) return malformed(at->first, "is given twice");
  }
  return params;
}

}  // namespace

std::string to_text(const Target& target) {
  if (target.process.get().empty()) return target.node.get();
  return target.node.get() + "/" + target.process.get();
}

Result<Target> parse_target(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view node = text.substr(0, slash);
  if (node.empty()) return malformed(text, "is not a target; write NODE or NODE/PROCESS");
  Target target{NodeName(std::string(node)), ProcessName()};
  if (slash == std::string_view::npos) return target;
  const std::string_view process = text.substr(slash + 1);
  if (process.empty() || process.find('/') != std::string_view::npos) {
    return malformed(text, "is not a target; write NODE or NODE/PROCESS");
  }
  target.process = ProcessName(std::string(process));
  return target;
}

std::string to_text(const Fault& fault) {
  std::string sides;
  for (const std::vector<Target>& side : fault.sides) {
    sides += (sides.empty() ? "" : " | ") + join_targets(side);
  }
  std::string params;
  for (const auto& [name, value] : fault.params.all()) {
    if (!value.empty()) params += (params.empty() ? "" : ", ") + name + "=" + value;
  }
  return fault.kind + " " + fault.id.get() + ": " + sides +
         (params.empty() ? "" : " (" + params + ")");
}

Result<FaultText> parse_fault_text(std::string_view line) {
  const std::size_t colon = line.find(": ");
  const std::size_t space = line.find(' ');
  if (colon == std::string_view::npos || space > colon) {
    return malformed(line, "is not a fault; write 'KIND ID: TARGETS (name=value)'");
  }
  FaultText fault;
  fault.kind = line.substr(0, space);
  fault.id = FaultId(std::string(trimmed(line.substr(space, colon - space))));
  std::string_view rest = trimmed(line.substr(colon + 1));
  const std::size_t open = rest.find('(');
  if (open != std::string_view::npos) {
    if (!rest.ends_with(')')) return malformed(rest, "lacks its closing ')'");
    fault.params = TRY(parse_params(rest.substr(open + 1, rest.size() - open - 2)));
    rest = rest.substr(0, open);
  }
  for (const std::string_view side : split(rest, '|')) {
    fault.sides.emplace_back();
    for (const std::string_view target : split(side, ',')) {
      fault.sides.back().push_back(TRY(parse_target(target)));
    }
  }
  return fault;
}

}  // namespace squall
