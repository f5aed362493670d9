// What the parts of a page agree on: when the run ended, when its faults held, who was hit.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "history/utf8.h"
#include "report/page_parts.h"

namespace squall {
namespace {

std::int64_t meta_number(const Recording& recording, const std::string& key) {
  return std::strtoll(meta_of(recording, key).c_str(), nullptr, 10);
}

bool is_name_letter(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return byte < 0x80 &&
         (std::isalnum(byte) != 0 || letter == '-' || letter == '_' || letter == '.');
}

}  // namespace

std::string clip(const std::string& text, std::size_t limit) {
  const std::string clean = to_utf8(text);
  if (clean.size() <= limit) return clean;
  return clean.substr(0, valid_utf8_prefix(std::string_view(clean).substr(0, limit))) + "…";
}

bool PageRoom::take(const PageJson& row) {
  const std::string text = row.dump(-1, ' ', false, PageJson::error_handler_t::replace);
  const auto markup = static_cast<std::size_t>(std::count(text.begin(), text.end(), '<'));
  const std::size_t bytes = text.size() + 5 * markup + 1;  // "<" becomes "\u003c", and a comma
  if (bytes > left_) return false;
  left_ -= bytes;
  return true;
}

std::int64_t end_of(const Recording& recording) {
  std::int64_t end =
      std::max(meta_number(recording, "duration_ns"), last_moment(recording.history));
  for (const FaultInterval& fault : recording.faults) {
    end = std::max(end, fault.end == kNever ? fault.start : fault.end);
  }
  return std::max<std::int64_t>(end, 1);
}

FaultSpan fault_span(const Recording& recording, std::int64_t end) {
  FaultSpan span;
  for (const FaultInterval& fault : recording.faults) {
    const std::int64_t to = std::min(fault.end, end);
    if (span.from == kNever) span = {fault.start, to};
    span.from = std::min(span.from, fault.start);
    span.to = std::max(span.to, to);
  }
  return span;
}

std::int64_t control_shift(const Recording& recording, const Recording& control) {
  return meta_number(control, "timeline_start_ns") - meta_number(recording, "timeline_start_ns");
}

std::vector<std::string> nodes_of(const Recording& recording) {
  std::vector<std::string> nodes;
  const auto add = [&nodes](const std::string& name) {
    const std::string node = clip(name, kMaxShortText);
    if (node.empty() || nodes.size() == kMaxNodesShown) return;
    if (std::find(nodes.begin(), nodes.end(), node) != nodes.end()) return;
    nodes.push_back(node);
  };
  for (const AgentRow& agent : recording.agents) add(agent.node);
  for (const Process& process : recording.history.processes()) add(process.node);
  return nodes;
}

std::vector<std::string> nodes_in(const std::string& targets,
                                  const std::vector<std::string>& nodes) {
  std::vector<std::string> words(1);
  for (const char letter : targets) {
    if (is_name_letter(letter)) {
      words.back() += letter;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  std::vector<std::string> hit;
  for (const std::string& node : nodes) {
    if (std::find(words.begin(), words.end(), node) != words.end()) hit.push_back(node);
  }
  return hit;
}

}  // namespace squall
