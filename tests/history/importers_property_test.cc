// Laws of the importers: what is written is read back, in every format, and the quick reader of
// plain lines agrees with the thorough one.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "history/import.h"
#include "history/json_event.h"
#include "history/jsonl.h"
#include "tests/history/random_history.h"

namespace squall {
namespace {

// A history as an importer gives it: with nothing that the formats cannot say.
History imported() {
  const Result<History> history = read_jsonl(write_jsonl(random_history({})), "h");
  if (!history.ok()) RC_FAIL(history.error().what);
  return *history;
}

RC_GTEST_PROP(EdnLaws, ReadingWhatWasWrittenGivesTheSameDigest, ()) {
  const History original = imported();
  const std::string text = write_edn(original);
  const Result<History> read = read_edn(text, "h.edn");
  if (!read.ok()) RC_FAIL(read.error().what + "\n" + text);
  RC_ASSERT(read->digest() == original.digest());
  RC_ASSERT(write_edn(*read) == text);
}

RC_GTEST_PROP(JsonLaws, AnArrayOfTheLinesIsTheSameHistory, ()) {
  const History original = imported();
  std::string text = write_jsonl(original);
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; ++at) {
    if (at + 1 < text.size()) text.replace(at, 1, ",\n"), ++at;
  }
  const Result<History> read = read_json("[" + text + "]", "h.json");
  if (!read.ok()) RC_FAIL(read.error().what + "\n" + text);
  RC_ASSERT(read->digest() == original.digest());
}

// A line of JSON that is nearly always an event, and now and then something else.
std::string random_line() {
  const auto pick = [](std::vector<std::string> from) { return *rc::gen::elementOf(from); };
  const std::string colon = pick({":", ":", ": ", " : "});
  const std::string comma = pick({",", ",", ", "});
  std::vector<std::string> members = {
      "\"p\"" + colon + pick({"0", "17", "-3", "\"4\"", "\"nemesis\"", "null", "1.5", "01"}),
      "\"e\"" + colon + pick({"\"invoke\"", "\"ok\"", "\"info\"", "\"maybe\"", "3"}),
      "\"f\"" + colon + pick({"\"read\"", "\"write\"", "\"\"", "\"r\\u0041\"", "7"}),
      "\"v\"" + colon +
          pick({"null", "7", "-0", "123456789012345678", "1234567890123456789", "1e3", "\"a b\"",
                "\"é\"", "\"a\\nb\"", "[1,[2,\"x\"]]", "[ ]", "{\"a\":1}", "true", "falsey",
                "[[[[[[1]]]]]]", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]", "[1,]", ""}),
      "\"k\"" + colon + pick({"\"x\"", "3", "null"}),
      "\"t\"" + colon + pick({"5", "null", "9223372036854775807", "-1"}),
      "\"i\"" + colon + pick({"5", "\"x\"", "[1]", "null"}),
      "\"err\"" + colon + pick({"null", "\"why\"", "[\"a\",1]"}),
      "\"p\"" + colon + "9"};
  const std::size_t count = *rc::gen::inRange<std::size_t>(1, members.size());
  std::string line = "{";
  for (std::size_t i = 0; i < count; ++i) line += (i > 0 ? comma : "") + members[i];
  return line + pick({"}", "}", "}", "} ", "}\r", "", "}}"});
}

std::string text_of(const Values& values, ValueId id) {
  return id == kAbsent ? "absent" : values.to_json(id);
}

std::string text_of(const Values& values, const Event& event) {
  return std::to_string(event.process) + " " + std::to_string(static_cast<int>(event.kind)) + " " +
         std::string(event.function) + " " + text_of(values, event.key) + " " +
         text_of(values, event.value) + " " + text_of(values, event.error) + " " +
         (event.at ? std::to_string(*event.at) : "untimed");
}

RC_GTEST_PROP(PlainEventLaws, WhatTheQuickReaderTakesTheThoroughOneReadsAlike, ()) {
  const std::string line = random_line();
  const std::string text = line + "\n";
  Values values;
  Event quick;
  const char* const next = parse_plain_event(text.data(), short_json_names(), values, quick);
  if (next == nullptr) RC_SUCCEED("left to the other one");
  RC_ASSERT(next == text.data() + text.size());
  JsonEventParser parser(values, short_json_names());
  Event thorough;
  const EventCheck problem = parser.parse(line, text, thorough);
  if (problem) RC_FAIL(problem->what + ": " + line);
  RC_ASSERT(!thorough.is_skipped);
  RC_ASSERT(text_of(values, quick) == text_of(values, thorough));
}

}  // namespace
}  // namespace squall
