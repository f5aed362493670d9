// Zones that grow, and are forgotten.
#include "checker/register_stream.h"

#include <algorithm>
#include <limits>

#include "checker/explain.h"

namespace squall {
namespace {

constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kBeginning = std::numeric_limits<std::int64_t>::min();

std::string named(std::uint64_t key, std::int64_t value) {
  return std::to_string(value) + " of key " + std::to_string(key);
}

}  // namespace

std::size_t RegisterStream::ValueHash::operator()(const Value& value) const {
  // Fibonacci hashing of both; keys and values are often small and dense.
  constexpr std::uint64_t kGolden = 0x9e37'79b9'7f4a'7c15U;
  const auto mixed = (value.key * kGolden) ^ static_cast<std::uint64_t>(value.value);
  return static_cast<std::size_t>((mixed * kGolden) >> 7U);
}

Answer RegisterStream::answer() const {
  if (is_violated_) return Answer::kViolated;
  return is_foreign_ || reads_ == 0 ? Answer::kUnknown : Answer::kValid;
}

bool RegisterStream::violate(const std::string& why) {
  is_violated_ = true;
  why_ = why;
  return false;
}

RegisterStream::Key& RegisterStream::key_of(std::uint64_t id) {
  const auto [it, is_new] = keys_.try_emplace(id);
  if (is_new) {
    const BlockId first = add_block(id, initial_, kBeginning);
    blocks_[first].is_writing = false;
    blocks_[first].has_returned = true;
    blocks_[first].first_return = kBeginning;
    it->second.blocks.push_back(first);
    it->second.latest.push_back(first);
  }
  return it->second;
}

RegisterStream::BlockId RegisterStream::add_block(std::uint64_t key, std::int64_t value,
                                                  std::int64_t called) {
  Block block;
  block.key = key;
  block.value = value;
  block.first_return = kEver;
  block.last_call = called;
  block.limit = kEver;
  block.is_writing = true;
  BlockId id = 0;
  if (free_.empty()) {
    id = static_cast<BlockId>(blocks_.size());
    blocks_.push_back(block);
  } else {
    id = free_.back();
    free_.pop_back();
    blocks_[id] = block;
  }
  values_.emplace(Value{key, value}, id);
  return id;
}

void RegisterStream::drop_block(BlockId id) {
  values_.erase({blocks_[id].key, blocks_[id].value});
  free_.push_back(id);
}

// Its other values stay remembered until they are forgotten by themselves; nothing is asked of
// them any more.
void RegisterStream::leave_class(std::uint64_t id, std::int64_t value) {
  keys_[id].is_foreign = true;
  if (is_foreign_) return;
  is_foreign_ = true;
  why_ = named(id, value) + " was written again while the first one could still be read";
}

bool RegisterStream::invoke(const StreamEvent& event) {
  if (is_violated_) return false;
  ++events_;
  Key& key = key_of(event.key);
  UnderWay op;
  op.key = event.key;
  op.called = event.at;
  op.number = ++numbers_;
  op.call = event.call;
  if (!key.is_foreign && event.call == StreamCall::kWrite) {
    if (values_.count({event.key, event.value}) > 0) {
      leave_class(event.key, event.value);
    } else {
      op.block = add_block(event.key, event.value, event.at);
    }
  }
  if (!key.is_foreign && event.call == StreamCall::kRead) {
    key.reads.push_back({event.at, event.process, op.number});
  }
  under_way_[event.process] = op;
  return true;
}

// False: there is nothing to judge.
bool RegisterStream::take(const StreamEvent& event, UnderWay& op) {
  ++events_;
  const auto it = under_way_.find(event.process);
  if (it == under_way_.end()) return false;
  op = it->second;
  under_way_.erase(it);
  return !key_of(op.key).is_foreign;
}

bool RegisterStream::ok(const StreamEvent& event) {
  UnderWay op;
  if (is_violated_ || !take(event, op)) return !is_violated_;
  Key& key = key_of(op.key);
  BlockId block = op.block;
  if (op.call == StreamCall::kRead) {
    ++reads_;
    const auto it = values_.find({op.key, event.value});
    if (it == values_.end()) {
      return violate("a read returned " + named(op.key, event.value) +
                     ", which nobody had written, or which had been replaced for good before it "
                     "was called at " +
                     seconds(op.called));
    }
    block = it->second;
  } else {
    blocks_[block].is_writing = false;
  }
  if (!touch(key, block, op.called, event.at)) return false;
  forget_replaced(key);
  return true;
}

bool RegisterStream::fail(const StreamEvent& event) {
  UnderWay op;
  if (is_violated_ || !take(event, op)) return !is_violated_;
  if (op.call == StreamCall::kWrite) {
    const Block& block = blocks_[op.block];
    if (block.has_returned) {
      return violate("a read returned " + named(block.key, block.value) +
                     ", whose write had failed");
    }
    drop_block(op.block);
  }
  forget_replaced(key_of(op.key));
  return true;
}

bool RegisterStream::info(const StreamEvent& event) {
  UnderWay op;
  if (is_violated_ || !take(event, op)) return !is_violated_;
  if (op.call == StreamCall::kWrite) blocks_[op.block].is_writing = false;
  forget_replaced(key_of(op.key));
  return true;
}

// An operation on the block's value returned.
bool RegisterStream::touch(Key& key, BlockId id, std::int64_t called, std::int64_t now) {
  Block& block = blocks_[id];
  std::int64_t from = block.last_call;
  block.last_call = std::max(block.last_call, called);
  if (!block.has_returned) {
    block.has_returned = true;
    block.first_return = now;
    key.blocks.push_back(id);
    key.latest.push_back(id);
    from = kBeginning;
  }
  if (block.last_call > block.limit) {
    return violate("an operation called at " + seconds(block.last_call) + " saw " +
                   named(block.key, block.value) + ", which " + std::to_string(block.replacement) +
                   " had replaced by " + seconds(block.limit));
  }
  limit(key, id, from);
  return true;
}

void RegisterStream::lower(Block& block, const Block& by) const {
  if (by.first_return >= block.limit) return;
  block.limit = by.first_return;
  block.replacement = by.value;
}

// All that returned before the last call of `by` come before it: none of them may be seen by
// whoever is called after its first return.
void RegisterStream::limit(Key& key, BlockId by, std::int64_t from) {
  const Block& later = blocks_[by];
  if (from != kBeginning) {
    // The ones that have a limit already, but a later one.
    auto it = std::partition_point(key.blocks.begin(), key.blocks.end(), [&](BlockId other) {
      return blocks_[other].first_return < from;
    });
    for (; it != key.blocks.end() && blocks_[*it].first_return < later.last_call; ++it) {
      if (*it != by && blocks_[*it].limit != kEver) lower(blocks_[*it], later);
    }
  }
  std::erase_if(key.latest, [&](BlockId other) {
    if (other == by || blocks_[other].first_return >= later.last_call) return false;
    lower(blocks_[other], later);
    return true;
  });
}

// From the front: limits grow with first returns, but for a few blocks that overlap.
void RegisterStream::forget_replaced(Key& key) {
  while (!key.reads.empty()) {
    const Read& read = key.reads.front();
    const auto it = under_way_.find(read.process);
    if (it != under_way_.end() && it->second.number == read.number) break;
    key.reads.pop_front();
  }
  const std::int64_t earliest = key.reads.empty() ? kEver : key.reads.front().called;
  while (!key.blocks.empty()) {
    const Block& block = blocks_[key.blocks.front()];
    if (block.limit == kEver || block.is_writing || block.limit >= earliest) return;
    drop_block(key.blocks.front());
    key.blocks.pop_front();
  }
}

}  // namespace squall
