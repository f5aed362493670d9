// Columns: each operation is one slot in ten vectors.
#include "history/history.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/digest.h"

namespace squall {
namespace {

constexpr std::int64_t kWaitUnit = 64;  // ns
constexpr std::size_t kDigestChunk = std::size_t{64} << 10U;

// A distance in units of 64 ns; negative ones count as 0, and what does not fit as the maximum.
std::uint32_t to_units(std::int64_t from, std::int64_t to) {
  if (to <= from) return 0;
  const std::uint64_t distance = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  constexpr std::uint64_t kLimit = std::numeric_limits<std::uint32_t>::max() - 1;
  return static_cast<std::uint32_t>(std::min(distance / kWaitUnit, kLimit));
}

template <typename T>
void permute(std::vector<T>& column, const std::vector<OpIndex>& order) {
  std::vector<T> sorted(column.size());
  for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = column[order[i]];
  column = std::move(sorted);
}

// Tenths of a millisecond, rounded to the nearest: "812.4".
std::string milliseconds(std::int64_t ns) {
  constexpr std::int64_t kTenth = 100'000;
  const bool is_negative = ns < 0;
  std::uint64_t magnitude = static_cast<std::uint64_t>(ns);
  if (is_negative) magnitude = 0 - magnitude;
  const std::uint64_t tenths = (magnitude + kTenth / 2) / kTenth;
  return (is_negative && tenths > 0 ? "-" : "") + std::to_string(tenths / 10) + "." +
         std::to_string(tenths % 10);
}

void append_number(std::int64_t number, std::string& out) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
  out += ' ';
}

// With its length in front, so that no two different rows give the same bytes.
void append_sized(std::string_view text, std::string& out) {
  append_number(static_cast<std::int64_t>(text.size()), out);
  out += text;
}

}  // namespace

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kFail:
      return "fail";
    case Outcome::kInfo:
      return "info";
  }
  return "info";
}

FunctionId Functions::intern(std::string_view name) {
  if (const std::optional<FunctionId> known = find(name)) return *known;
  CHECK(names_.size() < kMaxFunctions);
  names_.emplace_back(name);
  return static_cast<FunctionId>(names_.size() - 1);
}

std::optional<FunctionId> Functions::find(std::string_view name) const {
  const auto place = std::find(names_.begin(), names_.end(), name);
  if (place == names_.end()) return std::nullopt;
  return static_cast<FunctionId>(place - names_.begin());
}

const std::string& Functions::name(FunctionId id) const {
  CHECK(id < names_.size());
  return names_[id];
}

ProcessIndex History::add_process(Process process) {
  CHECK(processes_.size() < kMaxProcesses);
  processes_.push_back(std::move(process));
  return static_cast<ProcessIndex>(processes_.size() - 1);
}

void History::append(const Operation& op, std::string_view error) {
  CHECK(op.process < processes_.size());
  CHECK(op.function < functions_.size());
  CHECK(op.completed != kNever || op.outcome == Outcome::kInfo);
  CHECK(sent_.size() < std::numeric_limits<OpIndex>::max());
  sent_.push_back(op.sent);
  completed_.push_back(op.completed);
  wait_before_.push_back(to_units(op.scheduled, op.sent));
  first_byte_in_.push_back(op.first_byte == 0 ? 0 : to_units(op.sent, op.first_byte) + 1);
  key_.push_back(op.key);
  value_.push_back(op.value);
  error_.push_back(error.empty() ? kNil : values_.text(error));
  process_.push_back(op.process);
  function_.push_back(op.function);
  outcome_.push_back(op.outcome);
}

void History::complete(OpIndex index, const Completion& completion) {
  CHECK(index < size());
  CHECK(completion.completed != kNever || completion.outcome == Outcome::kInfo);
  completed_[index] = completion.completed;
  outcome_[index] = completion.outcome;
  key_[index] = completion.key;
  value_[index] = completion.value;
}

void History::set_error(OpIndex index, ValueId error) {
  CHECK(index < size());
  const bool is_text = values_.kind(error) == ValueKind::kText;
  const ValueId text = is_text ? error : values_.text(values_.to_json(error));
  error_[index] = values_.as_text(text).empty() ? kNil : text;
}

void History::sort_by_sent() {
  if (std::is_sorted(sent_.begin(), sent_.end())) return;
  std::vector<OpIndex> order(sent_.size());
  std::iota(order.begin(), order.end(), OpIndex{0});
  std::stable_sort(order.begin(), order.end(),
                   [this](OpIndex a, OpIndex b) { return sent_[a] < sent_[b]; });
  permute(sent_, order);
  permute(completed_, order);
  permute(wait_before_, order);
  permute(first_byte_in_, order);
  permute(key_, order);
  permute(value_, order);
  permute(error_, order);
  permute(process_, order);
  permute(function_, order);
  permute(outcome_, order);
}

Operation History::at(OpIndex index) const {
  CHECK(index < size());
  const std::int64_t sent = sent_[index];
  const std::uint32_t first_byte_in = first_byte_in_[index];
  std::int64_t first_byte = 0;
  if (first_byte_in > 0) {
    first_byte = sent + kWaitUnit * (std::int64_t{first_byte_in} - 1);
    if (first_byte == 0) first_byte = 1;  // 0 would say that there was none
  }
  return {.scheduled = sent - kWaitUnit * wait_before_[index],
          .sent = sent,
          .first_byte = first_byte,
          .completed = completed_[index],
          .process = process_[index],
          .function = function_[index],
          .outcome = outcome_[index],
          .key = key_[index],
          .value = value_[index]};
}

ValueId History::error_id(OpIndex index) const {
  CHECK(index < size());
  return error_[index];
}

std::string_view History::error(OpIndex index) const {
  const ValueId id = error_id(index);
  return id == kNil ? std::string_view{} : values_.as_text(id);
}

std::string History::describe(OpIndex index) const {
  const Operation op = at(index);
  std::string text = "process " + std::to_string(processes_[op.process].id) + " ";
  text += functions_.name(op.function);
  if (op.key != kAbsent) {
    text += ' ';
    // A key that is text reads like a name: x, not "x".
    if (values_.kind(op.key) == ValueKind::kText) {
      text += values_.as_text(op.key);
    } else {
      values_.append_json(op.key, text);
    }
  }
  if (op.value != kAbsent) {
    text += ' ';
    values_.append_json(op.value, text);
  }
  text += " (";
  text += to_text(op.outcome);
  text += ", " + milliseconds(op.sent);
  if (op.completed == kNever) return text + " ms, no answer)";
  return text + "–" + milliseconds(op.completed) + " ms)";
}

std::string History::digest() const {
  Digest digest;
  std::string chunk;
  std::string value;
  const auto append_value = [&](ValueId id) {
    value.clear();
    if (id != kAbsent) values_.append_json(id, value);
    append_sized(value, chunk);
  };
  for (OpIndex i = 0; i < size(); ++i) {
    const Operation op = at(i);
    const Process& process = processes_[op.process];
    for (const std::int64_t number : {op.scheduled, op.sent, op.first_byte, op.completed,
                                      process.id, static_cast<std::int64_t>(op.outcome)}) {
      append_number(number, chunk);
    }
    append_sized(process.client, chunk);
    append_sized(process.node, chunk);
    append_sized(functions_.name(op.function), chunk);
    append_value(op.key);
    append_value(op.value);
    append_sized(error(i), chunk);
    if (chunk.size() < kDigestChunk) continue;
    digest.add(chunk);
    chunk.clear();
  }
  digest.add(chunk);
  return digest.hex();
}

std::size_t History::bytes() const {
  return size() * kBytesPerOperation + values_.bytes();
}

}  // namespace squall
