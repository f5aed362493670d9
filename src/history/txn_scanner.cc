// A hand-written descent over the forms that we know.
#include "history/txn_scanner.h"

#include <algorithm>
#include <cstring>

namespace squall {
namespace {

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

}  // namespace

bool TxnScanner::scan(std::string_view line, TxnLine& parsed, std::vector<MicroOp>& ops) {
  at_ = line.data();
  end_ = at_ + line.size();
  if (!take('{')) return false;
  do {
    if (!field(parsed, ops)) return false;
  } while (take(','));
  return take('}') && at_ == end_ && (parsed.is_session ? parsed.has_ops : true);
}

// Anything but the usual fields, each where it is expected, is for the other parser.
bool TxnScanner::field(TxnLine& parsed, std::vector<MicroOp>& ops) {
  std::string_view name;
  if (!text(name) || !take(':')) return false;
  std::int64_t ignored = 0;
  if (name == "i") return number(ignored);
  if (name == "p") return number(parsed.process);
  if (name == "e") return kind(parsed);
  if (name == "f") return word("\"txn\"");
  if (name == "v") {
    parsed.has_ops = true;
    return parsed.kind == EventKind::kFail || parsed.kind == EventKind::kInfo
               ? micro_ops(false, ops)
               : micro_ops(parsed.kind == EventKind::kOk, ops);
  }
  if (name == "t") {
    std::int64_t at = 0;
    if (!number(at)) return false;
    if (!parsed.is_session) parsed.at = at;
    return true;
  }
  if (name == "s") {
    parsed.is_session = true;
    parsed.kind = EventKind::kOk;
    return !parsed.at && number(parsed.process);
  }
  if (name == "c") return parsed.is_session && committed(parsed);
  if (name != "ops" || !parsed.is_session) return false;
  parsed.has_ops = true;
  return micro_ops(parsed.kind == EventKind::kOk, ops);
}

bool TxnScanner::kind(TxnLine& parsed) {
  std::string_view name;
  // After its value it would come too late.
  if (!text(name) || parsed.has_ops || parsed.is_session) return false;
  if (name == "invoke") {
    parsed.kind = EventKind::kInvoke;
  } else if (name == "ok") {
    parsed.kind = EventKind::kOk;
  } else if (name == "fail") {
    parsed.kind = EventKind::kFail;
  } else if (name == "info") {
    parsed.kind = EventKind::kInfo;
  } else {
    return false;
  }
  return true;
}

bool TxnScanner::committed(TxnLine& parsed) {
  if (parsed.has_ops) return false;
  if (word("true")) return true;
  parsed.kind = EventKind::kFail;
  return word("false");
}

bool TxnScanner::micro_ops(bool is_seen, std::vector<MicroOp>& ops) {
  if (!take('[')) return false;
  if (take(']')) return true;
  do {
    if (!micro_op(is_seen, ops)) return false;
  } while (take(','));
  return take(']');
}

bool TxnScanner::micro_op(bool is_seen, std::vector<MicroOp>& ops) {
  std::string_view function;
  TxnKey of = 0;
  if (!take('[') || !text(function) || !take(',') || !key(of)) return false;
  if (function == "r") {
    // ["r",key] is a read of nothing, too.
    if (take(']')) {
      ops.push_back(MicroOp::of(MicroKind::kRead, of, is_seen ? kTxnNil : kTxnUnseen));
      return true;
    }
    return take(',') && read_value(of, is_seen, ops) && take(']');
  }
  const bool is_append = function == "append";
  if (!is_append && function != "w") return false;
  TxnValue written = 0;
  if (!take(',') || !value(written) || !take(']')) return false;
  ops.push_back(MicroOp::of(is_append ? MicroKind::kAppend : MicroKind::kWrite, of, written));
  return true;
}

bool TxnScanner::key(TxnKey& found) {
  std::string_view name;
  if (peek() == '"') {
    if (!text(name)) return false;
    found = builder_.names().key_text(name);
    return true;
  }
  std::int64_t parsed = 0;
  if (!number(parsed)) return false;
  found = builder_.names().key(parsed);
  return true;
}

bool TxnScanner::value(TxnValue& found) {
  std::string_view name;
  if (peek() == '"') {
    if (!text(name)) return false;
    found = builder_.names().value_text(name);
    return true;
  }
  if (peek() == 'n') {
    found = kTxnNil;
    return word("null");
  }
  std::int64_t parsed = 0;
  if (!number(parsed)) return false;
  found = builder_.names().value(parsed);
  return true;
}

bool TxnScanner::read_value(TxnKey key, bool is_seen, std::vector<MicroOp>& ops) {
  if (peek() == '[') {
    if (!is_seen) {
      ops.push_back(MicroOp::of(MicroKind::kRead, key, kTxnUnseen));
      return skip_list();
    }
    bool is_known = false;
    if (!known_list(key, ops, is_known)) return false;
    return is_known || new_list(key, ops);
  }
  TxnValue found = 0;
  if (!value(found)) return false;
  ops.push_back(MicroOp::of(MicroKind::kRead, key, is_seen ? found : kTxnUnseen));
  return true;
}

bool TxnScanner::skip_list() {
  std::int64_t ignored = 0;
  ++at_;
  if (take(']')) return true;
  do {
    if (!number(ignored)) return false;
  } while (take(','));
  return take(']');
}

// The list as text is compared with the longest one, which is nothing but numbers and commas:
//
//   longest  1,2,3     here  1,2,3]  the same      1,2]  its first two      1,2,3,4]  longer
//                                 ^                   ^ instead of a comma         ^ read on
bool TxnScanner::known_list(TxnKey key, std::vector<MicroOp>& ops, bool& is_known) {
  if (key >= longest_text_.size()) return true;
  const auto [longest, length] = longest_text_[key];
  if (length == 0 || length != builder_.longest(key).size()) return true;
  const char* const begin = at_ + 1;
  const auto available = static_cast<std::size_t>(end_ - begin);
  if (available <= longest.size()) {
    // Only a shorter one fits into what is left of the line.
  } else if (std::memcmp(longest.data(), begin, longest.size()) == 0) {
    at_ = begin + longest.size();
    is_known = peek() == ']' || peek() == ',';
    if (peek() == ',') return longer_list(key, begin, ops);
    if (!take(']')) return false;
    ops.push_back(MicroOp::of(MicroKind::kListRead, key, static_cast<TxnValue>(length)));
    return true;
  }
  const char* const end = begin + std::min(available, longest.size());
  const auto differ = std::mismatch(begin, end, longest.begin());
  if (differ.first == end || *differ.first != ']' || *differ.second != ',') return true;
  const auto items = 1 + std::count(begin, differ.first, ',');
  at_ = differ.first + 1;
  ops.push_back(MicroOp::of(MicroKind::kListRead, key, static_cast<TxnValue>(items)));
  is_known = true;
  return true;
}

// The longest list and more.
bool TxnScanner::longer_list(TxnKey key, const char* begin, std::vector<MicroOp>& ops) {
  std::vector<TxnValue>& known = builder_.longest(key);
  while (take(',')) {
    std::int64_t item = 0;
    if (!number(item) || (peek() != ',' && peek() != ']')) return false;
    known.push_back(builder_.names().value(item));
    longest_text_[key] = {{begin, static_cast<std::size_t>(at_ - begin)}, known.size()};
  }
  ops.push_back(MicroOp::of(MicroKind::kListRead, key, static_cast<TxnValue>(known.size())));
  return take(']');
}

bool TxnScanner::new_list(TxnKey key, std::vector<MicroOp>& ops) {
  list_.clear();
  ++at_;
  const char* const begin = at_;
  if (!take(']')) {
    do {
      std::int64_t item = 0;
      if (!number(item)) return false;
      list_.push_back(builder_.names().value(item));
    } while (take(','));
    if (!take(']')) return false;
  }
  const MicroOp read = builder_.list_read(key, list_);
  ops.push_back(read);
  if (read.kind() != MicroKind::kListRead || read.value != builder_.longest(key).size()) {
    return true;
  }
  if (key >= longest_text_.size()) longest_text_.resize(std::max<std::size_t>(key + 1, key * 2));
  longest_text_[key] = {{begin, static_cast<std::size_t>(at_ - 1 - begin)}, list_.size()};
  return true;
}

// As JSON has it: no leading zeros, no fraction.  Up to 18 digits, so that it cannot overflow.
bool TxnScanner::number(std::int64_t& found) {
  const bool is_negative = take('-');
  const char* const begin = at_;
  std::uint64_t sum = 0;  // wraps where there are too many digits
  while (at_ < end_ && is_digit(*at_)) sum = sum * 10 + static_cast<std::uint64_t>(*at_++ - '0');
  const auto digits = at_ - begin;
  if (digits == 0 || digits > 18 || (digits > 1 && *begin == '0')) return false;
  if (is_negative && sum == 0) return false;
  found = static_cast<std::int64_t>(sum) * (is_negative ? -1 : 1);
  return true;
}

bool TxnScanner::text(std::string_view& found) {
  if (!take('"')) return false;
  const char* const begin = at_;
  while (at_ < end_ && *at_ != '"') {
    const auto byte = static_cast<unsigned char>(*at_);
    if (byte < 0x20 || byte >= 0x80 || byte == '\\') return false;
    ++at_;
  }
  found = {begin, static_cast<std::size_t>(at_ - begin)};
  return take('"');
}

bool TxnScanner::word(std::string_view expected) {
  const auto left = static_cast<std::size_t>(end_ - at_);
  if (left < expected.size() || std::memcmp(at_, expected.data(), expected.size()) != 0) {
    return false;
  }
  at_ += expected.size();
  return true;
}

}  // namespace squall
