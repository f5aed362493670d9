// Names, the builder, and which list of a key is the longest.
#include "history/transactions.h"

#include <algorithm>
#include <numeric>

namespace squall {
namespace {

constexpr TxnValue kOther = std::uint32_t{1} << 31U;             // | ValueId in the table
constexpr std::int64_t kSmall = std::int64_t{1} << 30U;          // integers below are themselves
constexpr std::int64_t kMaxDirectKeys = std::int64_t{1} << 22U;  // keys below are array indices

template <typename T>
std::size_t bytes_of(const std::vector<T>& column) {
  return column.capacity() * sizeof(T);
}

bool is_prefix(std::span<const TxnValue> shorter, std::span<const TxnValue> longer) {
  return shorter.size() <= longer.size() &&
         std::equal(shorter.begin(), shorter.end(), longer.begin());
}

std::uint32_t narrow(std::size_t number) {
  CHECK(number <= 0xffff'ffffU);
  return static_cast<std::uint32_t>(number);
}

template <typename T>
void permute(std::vector<T>& column, const std::vector<TxnIndex>& order) {
  std::vector<T> sorted;
  sorted.reserve(column.size());
  for (const TxnIndex from : order) sorted.push_back(column[from]);
  column = std::move(sorted);
}

}  // namespace

TxnValue TxnNames::value(std::int64_t number) {
  if (number >= 0 && number < kSmall) return static_cast<TxnValue>(number);
  return kOther | others_.integer(number);
}

TxnValue TxnNames::value_text(std::string_view text) {
  return kOther | others_.text(text);
}

TxnValue TxnNames::value_of(const Values& values, ValueId id) {
  if (id == kAbsent) return kTxnUnseen;
  switch (values.kind(id)) {
    case ValueKind::kNull:
      return kTxnNil;
    case ValueKind::kInteger:
      return value(values.as_integer(id));
    case ValueKind::kText:
      return value_text(values.as_text(id));
    case ValueKind::kBoolean:
      return kOther | others_.boolean(values.as_boolean(id));
    case ValueKind::kList:
      break;
  }
  return value_text(values.to_json(id));
}

TxnKey TxnNames::add_key(TxnValue name) {
  CHECK(key_names_.size() < kMaxTxnKeys);
  key_names_.push_back(name);
  return static_cast<TxnKey>(key_names_.size() - 1);
}

TxnKey TxnNames::key(std::int64_t number) {
  if (number >= 0 && number < kMaxDirectKeys) {
    const auto place = static_cast<std::size_t>(number);
    if (place >= small_keys_.size()) {
      small_keys_.resize(std::max(place + 1, small_keys_.size() * 2));
    }
    if (small_keys_[place] == 0) small_keys_[place] = add_key(value(number)) + 1;
    return small_keys_[place] - 1;
  }
  const TxnValue name = value(number);
  const auto [place, is_new] = other_keys_.try_emplace(name);
  if (is_new) place->second = add_key(name);
  return place->second;
}

TxnKey TxnNames::key_text(std::string_view text) {
  const TxnValue name = value_text(text);
  const auto [place, is_new] = other_keys_.try_emplace(name);
  if (is_new) place->second = add_key(name);
  return place->second;
}

TxnKey TxnNames::key_of(const Values& values, ValueId id) {
  if (id != kAbsent && values.kind(id) == ValueKind::kInteger) return key(values.as_integer(id));
  const TxnValue name = value_of(values, id);
  const auto [place, is_new] = other_keys_.try_emplace(name);
  if (is_new) place->second = add_key(name);
  return place->second;
}

std::string TxnNames::key_name(TxnKey key) const {
  const TxnValue name = key_names_[key];
  const bool is_text =
      (name & kOther) != 0 && name < kTxnNil && others_.kind(name & ~kOther) == ValueKind::kText;
  return is_text ? std::string(others_.as_text(name & ~kOther)) : value_name(name);
}

std::string TxnNames::value_name(TxnValue value) const {
  if (value == kTxnNil) return "nil";
  if (value == kTxnUnseen) return "?";
  return (value & kOther) != 0 ? others_.to_json(value & ~kOther) : std::to_string(value);
}

std::size_t TxnNames::bytes() const {
  return bytes_of(small_keys_) + bytes_of(key_names_) + other_keys_.size() * 32 + others_.bytes();
}

std::span<const TxnValue> Transactions::list(const MicroOp& op) const {
  if (op.kind() == MicroKind::kListRead) return longest(op.key()).subspan(0, op.value);
  if (op.kind() != MicroKind::kOddRead) return {};
  return std::span(odd_values).subspan(odd[op.value].start, odd[op.value].length);
}

std::size_t Transactions::bytes() const {
  return bytes_of(sent) + bytes_of(completed) + bytes_of(first) + bytes_of(count) +
         bytes_of(session) + bytes_of(outcome) + bytes_of(operation) + bytes_of(ops) +
         bytes_of(version_start) + bytes_of(versions) + bytes_of(odd) + bytes_of(odd_values) +
         names.bytes();
}

std::uint32_t TransactionsBuilder::session(std::int64_t id, Duration clock_error) {
  const auto [place, is_new] = sessions_.try_emplace(id, narrow(built_.sessions.size()));
  if (is_new) built_.sessions.push_back({id, clock_error});
  return place->second;
}

TxnIndex TransactionsBuilder::begin(std::uint32_t session, std::int64_t sent) {
  built_.sent.push_back(sent);
  built_.completed.push_back(kNever);
  built_.first.push_back(0);
  built_.count.push_back(0);
  built_.session.push_back(session);
  built_.outcome.push_back(Outcome::kInfo);
  return narrow(built_.first.size() - 1);
}

void TransactionsBuilder::end(TxnIndex txn, std::span<const MicroOp> ops, Outcome outcome,
                              std::int64_t completed) {
  built_.first[txn] = narrow(built_.ops.size());
  built_.count[txn] = narrow(ops.size());
  built_.outcome[txn] = outcome;
  built_.completed[txn] = completed;
  built_.ops.insert(built_.ops.end(), ops.begin(), ops.end());
}

std::vector<TxnValue>& TransactionsBuilder::longest(TxnKey key) {
  if (key >= longest_.size()) longest_.resize(std::max<std::size_t>(key + 1, key * 3 / 2));
  return longest_[key];
}

MicroOp TransactionsBuilder::list_read(TxnKey key, std::span<const TxnValue> list) {
  std::vector<TxnValue>& known = longest(key);
  if (is_prefix(known, list)) {
    known.insert(known.end(), list.begin() + static_cast<std::ptrdiff_t>(known.size()), list.end());
  } else if (!is_prefix(list, known)) {
    built_.odd.push_back({narrow(built_.odd_values.size()), narrow(list.size())});
    built_.odd_values.insert(built_.odd_values.end(), list.begin(), list.end());
    odd_keys_.push_back(key);
    return MicroOp::of(MicroKind::kOddRead, key, narrow(built_.odd.size() - 1));
  }
  return MicroOp::of(MicroKind::kListRead, key, narrow(list.size()));
}

// Where a list that did not fit is longer than what it did not fit to, it takes its place; what was
// a length of the other one becomes odd.  The first of equals stays.
void TransactionsBuilder::rebase() {
  std::unordered_map<TxnKey, std::uint32_t> best;  // the odd list that takes over
  for (std::uint32_t i = 0; i < built_.odd.size(); ++i) {
    const TxnKey key = odd_keys_[i];
    const auto rival = best.find(key);
    const std::size_t length =
        rival == best.end() ? longest_[key].size() : built_.odd[rival->second].length;
    if (built_.odd[i].length > length) best[key] = i;
  }
  std::unordered_map<TxnKey, OddList> former;
  for (const auto& [key, index] : best) {
    std::vector<TxnValue>& known = longest_[key];
    const auto start = built_.odd_values.begin() + built_.odd[index].start;
    std::vector<TxnValue> taken(start, start + built_.odd[index].length);
    former[key] = {narrow(built_.odd_values.size()), narrow(known.size())};
    built_.odd_values.insert(built_.odd_values.end(), known.begin(), known.end());
    known = std::move(taken);
  }
  for (MicroOp& op : built_.ops) {
    if (op.kind() == MicroKind::kListRead) {
      const auto was = former.find(op.key());
      if (was == former.end()) continue;
      const auto list = std::span(built_.odd_values).subspan(was->second.start, op.value);
      if (is_prefix(list, longest_[op.key()])) continue;
      built_.odd.push_back({was->second.start, op.value});
      op = MicroOp::of(MicroKind::kOddRead, op.key(), narrow(built_.odd.size() - 1));
    } else if (op.kind() == MicroKind::kOddRead) {
      const OddList odd = built_.odd[op.value];
      const auto list = std::span(built_.odd_values).subspan(odd.start, odd.length);
      if (!is_prefix(list, longest_[op.key()])) continue;
      op = MicroOp::of(MicroKind::kListRead, op.key(), odd.length);
    }
  }
}

void TransactionsBuilder::take_longest() {
  longest_.resize(names().keys());
  std::size_t total = 0;
  for (const auto& list : longest_) total += list.size();
  built_.versions.reserve(total);
  built_.version_start.reserve(longest_.size() + 1);
  built_.version_start.push_back(0);
  for (auto& list : longest_) {
    built_.versions.insert(built_.versions.end(), list.begin(), list.end());
    built_.version_start.push_back(narrow(built_.versions.size()));
    list = {};
  }
  longest_.clear();
}

void TransactionsBuilder::sort_by_sent() {
  if (std::is_sorted(built_.sent.begin(), built_.sent.end())) return;
  std::vector<TxnIndex> order(built_.size());
  std::iota(order.begin(), order.end(), TxnIndex{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](TxnIndex a, TxnIndex b) { return built_.sent[a] < built_.sent[b]; });
  permute(built_.sent, order);
  permute(built_.completed, order);
  permute(built_.first, order);
  permute(built_.count, order);
  permute(built_.session, order);
  permute(built_.outcome, order);
  if (!built_.operation.empty()) permute(built_.operation, order);
}

Transactions TransactionsBuilder::finish(bool has_times) {
  if (!built_.odd.empty()) {
    longest_.resize(names().keys());
    rebase();
  }
  take_longest();
  if (has_times) {
    sort_by_sent();
  } else {
    built_.sent = {};
    built_.completed = {};
  }
  return std::move(built_);
}

}  // namespace squall
