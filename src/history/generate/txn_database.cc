// Versions with the number of the commit that made them.
#include "history/generate/txn_database.h"

#include <algorithm>
#include <limits>

namespace squall {
namespace {

constexpr std::size_t kVersionsKept = 256;  // of a key, before old ones are looked for

}  // namespace

TxnDatabase::TxnDatabase(Isolation isolation, std::size_t keys, std::uint64_t writes_per_key,
                         bool keeps_lists, FaultRates faults)
    : isolation_(isolation),
      writes_per_key_(writes_per_key),
      keeps_lists_(keeps_lists),
      faults_(std::move(faults)) {
  for (std::size_t i = 0; i < keys; ++i) {
    add_key();
    in_use_.push_back(i);
  }
}

void TxnDatabase::add_key() {
  Key key;
  key.id = first_key_ + keys_.size();
  keys_.push_back(std::move(key));
}

TxnStep TxnDatabase::choose(bool is_write, Rng& rng) {
  const auto place = static_cast<std::size_t>(rng.below(in_use_.size()));
  TxnStep step{.is_write = is_write, .key = in_use_[place]};
  if (!is_write) return step;
  Key& key = at(step.key);
  step.value = key.next_value++;
  if (writes_per_key_ > 0 && static_cast<std::uint64_t>(step.value) >= writes_per_key_) {
    key.is_retired = true;
    in_use_[place] = first_key_ + keys_.size();
    add_key();
  }
  return step;
}

void TxnDatabase::begin(Txn& txn) {
  txn.snapshot = commits_;
  txn.next_step = 0;
  txn.is_aborted = false;
  for (const TxnStep& step : txn.steps) ++at(step.key).users;
  if (!txn.is_active) active_.push_back(&txn);
  txn.is_active = true;
}

std::size_t TxnDatabase::versions_in(const Key& key, std::uint64_t snapshot) const {
  std::size_t count = key.versions.size();
  while (count > 0 && key.versions[count - 1].commit > snapshot) --count;
  return key.dropped + count;
}

std::int64_t TxnDatabase::version(std::uint64_t key, std::size_t index) const {
  return at(key).versions[index - at(key).dropped].value;
}

// Sees the key's first `versions`, and what its own steps wrote before unless those are in already.
void TxnDatabase::read(Txn& txn, std::size_t index, std::size_t versions, Rng& rng) {
  TxnStep& step = txn.steps[index];
  const Key& key = at(step.key);
  step.seen = versions;
  if (versions > key.dropped && errs(faults_, "stale-read", rng)) --step.seen;
  step.last = step.seen > key.dropped ? version(step.key, step.seen - 1) : TxnStep::kNoValue;
  step.own = 0;
  const bool is_written_at_once =
      isolation_ == Isolation::kNone || isolation_ == Isolation::kStrictSerializable;
  if (is_written_at_once) return;
  for (std::size_t i = 0; i < index; ++i) {
    const TxnStep& before = txn.steps[i];
    if (!before.is_write || before.key != step.key) continue;
    ++step.own;
    step.last = before.value;
  }
}

void TxnDatabase::write(TxnStep& step, Rng& rng) {
  if (errs(faults_, "lost-write", rng)) return;
  Key& key = at(step.key);
  key.versions.push_back({.value = step.value, .commit = commits_});
  if (!keeps_lists_ && key.versions.size() > kVersionsKept) trim(key);
}

// Registers need no version that is older than every snapshot in use, but the last of those.
void TxnDatabase::trim(Key& key) {
  std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
  for (const Txn* txn : active_) oldest = std::min(oldest, txn->snapshot);
  std::size_t needless = 0;
  while (needless + kVersionsKept / 2 < key.versions.size() &&
         key.versions[needless + 1].commit <= oldest) {
    ++needless;
  }
  key.versions.erase(key.versions.begin(),
                     key.versions.begin() + static_cast<std::ptrdiff_t>(needless));
  key.dropped += needless;
}

void TxnDatabase::run_step(Txn& txn, Rng& rng) {
  TxnStep& step = txn.steps[txn.next_step];
  const Key& key = at(step.key);
  if (!step.is_write) {
    read(txn, txn.next_step, key.dropped + key.versions.size(), rng);
  } else if (isolation_ == Isolation::kNone) {
    ++commits_;
    write(step, rng);
  }
  ++txn.next_step;
}

void TxnDatabase::commit(Txn& txn, Rng& rng) {
  if (isolation_ == Isolation::kNone) return;
  const bool has_snapshot = isolation_ == Isolation::kSnapshot || isolation_ == Isolation::kPrefix;
  if (isolation_ == Isolation::kSnapshot) {
    for (const TxnStep& step : txn.steps) {
      const Key& key = at(step.key);
      const bool is_changed = !key.versions.empty() && key.versions.back().commit > txn.snapshot;
      if (step.is_write && is_changed) txn.is_aborted = true;
    }
    if (txn.is_aborted) return;
  }
  ++commits_;
  const bool is_serial = isolation_ == Isolation::kStrictSerializable;
  for (std::size_t i = 0; i < txn.steps.size(); ++i) {
    TxnStep& step = txn.steps[i];
    const Key& key = at(step.key);
    if (!step.is_write && has_snapshot) read(txn, i, versions_in(key, txn.snapshot), rng);
    if (!step.is_write && is_serial) read(txn, i, key.dropped + key.versions.size(), rng);
    if (step.is_write && is_serial) write(step, rng);
  }
  if (is_serial) return;
  for (TxnStep& step : txn.steps) {
    if (step.is_write) write(step, rng);
  }
}

void TxnDatabase::abort(Txn& txn) {
  txn.is_aborted = true;
}

void TxnDatabase::release(Txn& txn) {
  for (const TxnStep& step : txn.steps) --at(step.key).users;
  txn.is_active = false;
  active_.erase(std::find(active_.begin(), active_.end(), &txn));
  while (!keys_.empty() && keys_.front().is_retired && keys_.front().users == 0) {
    keys_.pop_front();
    ++first_key_;
  }
}

}  // namespace squall
