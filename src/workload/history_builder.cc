// Folding recorded events into a history.
#include "workload/history_builder.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "history/inference_call.h"
#include "history/jsonl.h"

namespace squall {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 16;  // of lists in lists

Result<ValueId> intern(const json& value, Values& values, int depth) {
  switch (value.type()) {
    case json::value_t::null:
      return kNil;
    case json::value_t::boolean:
      return values.boolean(value.get<bool>());
    case json::value_t::number_integer:
      return values.integer(value.get<std::int64_t>());
    case json::value_t::number_unsigned:
      if (value.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        break;
      }
      return values.integer(value.get<std::int64_t>());
    case json::value_t::string:
      return values.text(value.get_ref<const std::string&>());
    case json::value_t::array: {
      if (depth == kMaxDepth) break;
      std::vector<ValueId> items;
      items.reserve(value.size());
      for (const json& item : value) items.push_back(TRY(intern(item, values, depth + 1)));
      return values.list(items);
    }
    default:
      break;
  }
  return Error{Errc::kInvalid,
               "a value must be an integer of 64 bits, text, true, false, null or a list of "
               "these, at most 16 deep"};
}

Outcome outcome_of(RecordedEvent::Kind kind) {
  switch (kind) {
    case RecordedEvent::Kind::kOk:
      return Outcome::kOk;
    case RecordedEvent::Kind::kFail:
      return Outcome::kFail;
    case RecordedEvent::Kind::kInvoke:
    case RecordedEvent::Kind::kInfo:
      break;
  }
  return Outcome::kInfo;
}

void count(OperationCounts& counts, Outcome outcome, std::string_view error) {
  if (outcome == Outcome::kOk) {
    ++counts.ok;
  } else if (outcome == Outcome::kInfo) {
    ++counts.info;
  } else if (error.starts_with(kNegativeAnswer)) {
    ++counts.negative;
  } else {
    ++counts.fail;
  }
}

}  // namespace

Result<ValueId> intern_json(std::string_view text, Values& values) {
  std::int64_t integer = 0;  // by far the most
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, integer);
  if (error == std::errc() && stop == end) return values.integer(integer);
  const json value = json::parse(text, nullptr, false);
  if (value.is_discarded()) {
    return Error{Errc::kInvalid, "not JSON: '" + std::string(text.substr(0, 80)) + "'"};
  }
  return intern(value, values, 0);
}

HistoryBuilder::Source HistoryBuilder::add_source(RecorderSource source) {
  sources_.push_back(SourceState{.about = std::move(source)});
  return sources_.size() - 1;
}

Error HistoryBuilder::broken(Source source, const RecordedEvent& event,
                             const std::string& what) const {
  const RecorderSource& about = sources_.at(source).about;
  return Error{Errc::kInvalid, "client " + about.client + " on " + about.node + ", process " +
                                   std::to_string(event.process) + ": " + what};
}

Result<> HistoryBuilder::start_life(Source source, std::int64_t process, Logical& logical) {
  if (history_.processes().size() >= kMaxProcesses) {
    return Error{Errc::kUnsupported, "more than " + std::to_string(kMaxProcesses) +
                                         " processes: too many operations ended in info"};
  }
  const RecorderSource& about = sources_.at(source).about;
  logical.index = history_.add_process(Process{.client = about.client,
                                               .id = process + logical.lives * stride_,
                                               .node = about.node,
                                               .recorder = about.recorder,
                                               .clock_error = about.clock_error});
  return {};
}

Result<HistoryBuilder::Logical*> HistoryBuilder::logical(Source source, std::int64_t process) {
  const auto found = logical_.find(process);
  if (found != logical_.end()) return &found->second;
  Logical fresh{.source = source, .index = 0, .lives = 0};
  (void)TRY(start_life(source, process, fresh));
  return &logical_.emplace(process, fresh).first->second;
}

Result<> HistoryBuilder::add(Source source, const RecordedEvent& event) {
  SourceState& state = sources_.at(source);
  if (event.process < 0 || event.process >= stride_) return broken(source, event, "unknown");
  if (event.generation != state.generation) {
    if (state.generation != 0) (void)TRY(abandon(source));
    state.generation = event.generation;
  }
  if (event.kind == RecordedEvent::Kind::kInvoke) return invoke(source, event);
  return complete(source, event);
}

// The client was killed and started again: what it had under way, nobody knows.
Result<> HistoryBuilder::abandon(Source source) {
  for (auto& [process, logical] : logical_) {
    if (logical.source != source) continue;
    holders_.erase(process);
    const auto found = open_.find(process);
    if (found == open_.end()) continue;
    append(found->second, "its client ended", sources_.at(source).about.client);
    open_.erase(found);
    ++logical.lives;
    (void)TRY(start_life(source, process, logical));
  }
  return {};
}

Result<ValueId> HistoryBuilder::intern_text(Source source, const RecordedEvent& event,
                                            std::string_view text, ValueId otherwise) {
  if (text.empty()) return otherwise;
  Result<ValueId> id = intern_json(text, history_.values());
  if (!id.ok()) return broken(source, event, std::string(event.function) + ": " + id.error().what);
  return id;
}

Result<> HistoryBuilder::invoke(Source source, const RecordedEvent& event) {
  Logical* process = TRY(logical(source, event.process));
  if (process->source != source) return broken(source, event, "records in two rings");
  if (open_.contains(event.process)) return broken(source, event, "has two operations under way");
  if (event.function.empty()) return broken(source, event, "an operation without a function");
  if (!history_.functions().find(event.function) && history_.functions().size() >= kMaxFunctions) {
    return broken(source, event, "more than " + std::to_string(kMaxFunctions) + " functions");
  }
  Operation op{.scheduled = event.scheduled - start_.ns(),
               .sent = event.at - start_.ns(),
               .process = process->index,
               .function = history_.functions().intern(event.function)};
  op.key = TRY(intern_text(source, event, event.key, kAbsent));
  op.value = TRY(intern_text(source, event, event.value, kAbsent));
  follow_lock(*process, event, op);
  open_.emplace(event.process, op);
  return {};
}

Result<> HistoryBuilder::complete(Source source, const RecordedEvent& event) {
  const auto found = open_.find(event.process);
  if (found == open_.end()) return broken(source, event, "completes what it never invoked");
  Logical& process = logical_.at(event.process);
  if (process.source != source) return broken(source, event, "records in two rings");
  Operation op = found->second;
  if (event.at - start_.ns() < op.sent) return broken(source, event, "completes before it sends");
  op.outcome = outcome_of(event.kind);
  op.completed = event.at - start_.ns();  // for info: when the client gave up
  if (event.first_byte != 0) op.first_byte = event.first_byte - start_.ns();
  op.value = TRY(intern_text(source, event, event.value, op.value));
  open_.erase(found);
  append(op, event.error, sources_.at(source).about.client);
  follow_lock(process, event, op);
  const std::string& function = history_.functions().name(op.function);
  if (op.outcome != Outcome::kInfo || keeps_process_after_info(function)) return {};
  ++process.lives;
  return start_life(source, event.process, process);
}

void HistoryBuilder::append(const Operation& op, std::string_view error,
                            const std::string& client) {
  history_.append(op, error);
  count(counts_[client], op.outcome, error);
  count(totals_[client], op.outcome, error);
}

void HistoryBuilder::follow_lock(const Logical& logical, const RecordedEvent& event,
                                 const Operation& op) {
  const std::string& function = history_.functions().name(op.function);
  if (function == "release") holders_.erase(event.process);
  if (function != "acquire" || event.kind != RecordedEvent::Kind::kOk) return;
  const RecorderSource& about = sources_.at(logical.source).about;
  holders_[event.process] = LockHolder{
      .client = about.client, .node = about.node, .process = event.process, .since = op.completed};
}

void HistoryBuilder::close_open() {
  for (const auto& [process, op] : open_) {
    append(op, "still under way when the run ended",
           sources_.at(logical_.at(process).source).about.client);
  }
  open_.clear();
}

std::vector<char> HistoryBuilder::keys_used_since(std::size_t from) const {
  std::vector<char> is_used(history_.values().size(), 0);
  const auto use = [&](ValueId key) {
    if (key != kAbsent) is_used[key] = 1;
  };
  for (std::size_t i = from; i < history_.size(); ++i) use(history_.key()[i]);
  for (const auto& [process, op] : open_) use(op.key);
  return is_used;
}

HistoryBuilder::Prefix HistoryBuilder::prefix(std::int64_t until, std::size_t from) const {
  const std::vector<char> is_used = keys_used_since(from);
  Prefix prefix;
  History& history = prefix.history;
  for (const Process& process : history_.processes()) history.add_process(process);
  history.functions() = history_.functions();
  history.values() = history_.values();
  const auto add = [&](Operation op, std::string_view error) {
    if (op.sent > until || (op.key != kAbsent && is_used[op.key] == 0)) return;
    if (op.completed <= until) return history.append(op, error);
    op.outcome = Outcome::kInfo;
    op.completed = kNever;
    if (!is_argument_kept(history.functions().name(op.function))) op.value = kAbsent;
    history.append(op);
  };
  prefix.next = history_.size();
  for (OpIndex row = 0; row < history_.size(); ++row) {
    if (history_.completed()[row] > until) prefix.next = std::min<std::size_t>(prefix.next, row);
    add(history_.at(row), history_.error(row));
  }
  for (const auto& [process, op] : open_) add(op, {});
  history.sort_by_sent();
  return prefix;
}

void HistoryBuilder::finish() {
  close_open();
  history_.sort_by_sent();
}

std::map<std::string, OperationCounts> HistoryBuilder::take_counts() {
  return std::exchange(counts_, {});
}

std::vector<LockHolder> HistoryBuilder::holders(std::string_view client) const {
  std::vector<LockHolder> found;
  for (const auto& [process, holder] : holders_) {
    if (holder.client == client) found.push_back(holder);
  }
  std::sort(found.begin(), found.end(),
            [](const LockHolder& a, const LockHolder& b) { return a.since > b.since; });
  return found;
}

}  // namespace squall
