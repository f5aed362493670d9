// The thorough way through a line, with everything that can be wrong with it.
#include "history/txn_line.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "history/json_value.h"
#include "history/jsonl.h"
#include "history/txn_scanner.h"

namespace squall {
namespace {

using simdjson::dom::element;

LineError in_field(std::string_view field, std::string what) {
  return {.what = std::move(what), .field = field};
}

Checked read_kind(const simdjson::dom::object& object, TxnLine& parsed) {
  static constexpr std::array<std::pair<std::string_view, EventKind>, 4> kKinds = {
      {{"invoke", EventKind::kInvoke},
       {"ok", EventKind::kOk},
       {"fail", EventKind::kFail},
       {"info", EventKind::kInfo}}};
  std::string_view text;
  if (object["e"].get(text) == simdjson::SUCCESS) {
    for (const auto& [name, kind] : kKinds) {
      if (text != name) continue;
      parsed.kind = kind;
      return {};
    }
  }
  element from;
  const bool is_there = object["e"].get(from) == simdjson::SUCCESS;
  return in_field(is_there ? "e" : "", "\"e\" must be one of invoke, ok, fail, info");
}

Checked read_process(const element& from, TxnLine& parsed) {
  if (from.get(parsed.process) == simdjson::SUCCESS) return {};
  std::string_view text;
  if (from.get(text) != simdjson::SUCCESS) {
    return in_field("p", "\"p\" must be a process number, or the name of what is not a client");
  }
  const auto end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, parsed.process);
  parsed.is_skipped = number.ec != std::errc{} || number.ptr != end;
  return {};
}

Checked read_time(const simdjson::dom::object& object, TxnLine& parsed) {
  element from;
  if (object["t"].get(from) != simdjson::SUCCESS || from.is_null()) return {};
  std::int64_t at = 0;
  if (from.get(at) != simdjson::SUCCESS || at == kNever) {
    return in_field("t", "\"t\" must be a whole number of nanoseconds");
  }
  parsed.at = at;
  return {};
}

// Micro-operations out of simdjson's tree.
class MicroOps {
 public:
  MicroOps(TransactionsBuilder& builder, Values& values, bool is_seen)
      : builder_(builder), values_(values), is_seen_(is_seen) {}

  Checked read(const element& from, std::string_view field, std::vector<MicroOp>& ops) {
    field_ = field;
    simdjson::dom::array list;
    if (from.get(list) != simdjson::SUCCESS) return shape();
    for (const element item : list) {
      if (Checked error = read_one(item, ops)) return error;
    }
    return {};
  }

 private:
  [[nodiscard]] Checked shape() const {
    return in_field(field_, "\"" + std::string(field_) +
                                "\" must be a list of [\"r\"|\"w\"|\"append\",key,value]");
  }

  Checked read_one(const element& from, std::vector<MicroOp>& ops) {
    simdjson::dom::array words;
    if (from.get(words) != simdjson::SUCCESS || words.size() < 2 || words.size() > 3) {
      return shape();
    }
    std::string_view function;
    if (words.at(0).get(function) != simdjson::SUCCESS) return shape();
    if (function != "r" && function != "w" && function != "append") {
      return in_field(field_, "'" + std::string(function) +
                                  "' is no micro-operation; there are r, w and append");
    }
    ValueId key = kNil;
    if (Checked error = scalar(words.at(1), key)) return error;
    const TxnKey of = builder_.names().key_of(values_, key);
    if (function != "r" && words.size() < 3) return shape();
    element value;
    const bool has_value = words.at(2).get(value) == simdjson::SUCCESS;
    if (function == "r") return read_read(of, has_value ? &value : nullptr, ops);
    ValueId written = kNil;
    if (Checked error = scalar(value, written)) return error;
    const auto kind = function == "w" ? MicroKind::kWrite : MicroKind::kAppend;
    ops.push_back(MicroOp::of(kind, of, builder_.names().value_of(values_, written)));
    return {};
  }

  Checked read_read(TxnKey key, const element* value, std::vector<MicroOp>& ops) {
    const bool is_nothing = value == nullptr || value->is_null();
    if (!is_seen_ || is_nothing) {
      const TxnValue read = is_seen_ ? kTxnNil : kTxnUnseen;
      ops.push_back(MicroOp::of(MicroKind::kRead, key, read));
      return {};
    }
    simdjson::dom::array list;
    ValueId id = kNil;
    if (value->get(list) != simdjson::SUCCESS) {
      if (Checked error = scalar(*value, id)) return error;
      ops.push_back(MicroOp::of(MicroKind::kRead, key, builder_.names().value_of(values_, id)));
      return {};
    }
    list_.clear();
    for (const element item : list) {
      if (Checked error = scalar(item, id)) return error;
      list_.push_back(builder_.names().value_of(values_, id));
    }
    ops.push_back(builder_.list_read(key, list_));
    return {};
  }

  Checked scalar(const element& from, ValueId& id) const {
    std::optional<std::string> problem = read_json_value(from, values_, id);
    if (!problem) return {};
    return in_field(field_, *std::move(problem));
  }

  TransactionsBuilder& builder_;
  Values& values_;
  bool is_seen_;
  std::string_view field_{};
  std::vector<TxnValue> list_;
};

}  // namespace

struct TxnLineParser::State {
  TransactionsBuilder& builder;
  TxnScanner scanner{builder};
  simdjson::dom::parser parser{};
  Values values{};  // of the lines that the scanner leaves

  Checked event(const simdjson::dom::object& object, TxnLine& parsed, std::vector<MicroOp>& ops);
  Checked session(const simdjson::dom::object& object, TxnLine& parsed, std::vector<MicroOp>& ops);
};

Checked TxnLineParser::State::event(const simdjson::dom::object& object, TxnLine& parsed,
                                    std::vector<MicroOp>& ops) {
  element from;
  if (object["p"].get(from) != simdjson::SUCCESS) {
    return in_field("", "no \"p\" (process) and no \"s\" (session)");
  }
  if (Checked error = read_process(from, parsed)) return error;
  if (parsed.is_skipped) return {};
  if (Checked error = read_kind(object, parsed)) return error;
  if (Checked error = read_time(object, parsed)) return error;
  std::string_view function = "txn";
  if (object["f"].get(from) == simdjson::SUCCESS && from.get(function) != simdjson::SUCCESS) {
    return in_field("f", "\"f\" must be \"txn\"");
  }
  if (function != "txn") {
    return in_field("f", "\"f\" is '" + std::string(function) + "' among transactions (\"txn\")");
  }
  parsed.has_ops = object["v"].get(from) == simdjson::SUCCESS && !from.is_null();
  if (!parsed.has_ops) return {};
  return MicroOps(builder, values, parsed.kind == EventKind::kOk).read(from, "v", ops);
}

Checked TxnLineParser::State::session(const simdjson::dom::object& object, TxnLine& parsed,
                                      std::vector<MicroOp>& ops) {
  parsed.is_session = true;
  if (object["s"].get(parsed.process) != simdjson::SUCCESS) {
    return in_field("s", "\"s\" must be a session's number");
  }
  element from;
  bool is_committed = true;
  if (object["c"].get(from) == simdjson::SUCCESS && from.get(is_committed) != simdjson::SUCCESS) {
    return in_field("c", "\"c\" must be true (committed) or false");
  }
  parsed.kind = is_committed ? EventKind::kOk : EventKind::kFail;
  parsed.has_ops = object["ops"].get(from) == simdjson::SUCCESS;
  if (!parsed.has_ops) return in_field("", "no \"ops\" (micro-operations)");
  return MicroOps(builder, values, is_committed).read(from, "ops", ops);
}

TxnLineParser::TxnLineParser(TransactionsBuilder& builder)
    : state_(new State{.builder = builder}) {}
TxnLineParser::~TxnLineParser() = default;

Checked TxnLineParser::parse(std::string_view line, std::string_view text, TxnLine& parsed,
                             std::vector<MicroOp>& ops) {
  parsed = {};
  ops.clear();
  if (line.size() > kMaxJsonlLine) {
    return in_field(
        "", "the line is longer than the limit of " + std::to_string(kMaxJsonlLine) + " bytes");
  }
  if (state_->scanner.scan(line, parsed, ops)) return {};
  parsed = {};
  ops.clear();
  // Only near the end of the text must the line be copied to have bytes behind it.
  const bool is_copied = text.size() < line.size() + simdjson::SIMDJSON_PADDING;
  element root;
  const auto error = state_->parser.parse(line.data(), line.size(), is_copied).get(root);
  if (error != simdjson::SUCCESS) {
    return LineError{.what = std::string("not valid JSON: ") + simdjson::error_message(error),
                     .field = "",
                     .is_syntax = true};
  }
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return in_field("", R"(a transaction is an object: {"p":0,"e":"invoke","f":"txn",…})");
  }
  element from;
  const bool is_session = object["s"].get(from) == simdjson::SUCCESS;
  return is_session ? state_->session(object, parsed, ops) : state_->event(object, parsed, ops);
}

}  // namespace squall
