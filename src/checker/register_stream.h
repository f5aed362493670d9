// A register check that reads events one by one, remembers only what may still matter, and says
// "violated" at the first event that proves it.
//
// It is check_unique_register() without the end: a value is remembered until every read that may
// still return it has returned.
//
//   w1 ─┤        w1 returned before w2 was called: a read that is called after w2 returned may not
//        ├─ w2 ─┤            return w1, and once the reads called before that are over, w1 is
//                            forgotten: whoever returns it then returns what nobody wrote.
//
// Time per event is constant (amortized), memory is what is under way: values that were replaced
// are kept while a read is under way that was called before they were.  Writes whose outcome nobody
// knows are kept until their value is replaced for good.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "checker/verdict.h"

namespace squall {

enum class StreamCall : std::uint8_t { kRead, kWrite };

// A process has one operation under way at a time; one that gave up (info) may go on.
struct StreamEvent {
  std::int64_t at = 0;  // ns; never goes back, and at one instant calls come before returns
  std::uint64_t process = 0;
  std::uint64_t key = 0;
  std::int64_t value = 0;  // what is written, at its call; what was read, at its return
  StreamCall call = StreamCall::kRead;
};

// Not thread-safe.
class RegisterStream {
 public:
  // Every key has the value `initial` at first.
  explicit RegisterStream(std::int64_t initial) : initial_(initial) {}

  // Each returns false once the stream has proven a violation; nothing that follows changes it.
  bool invoke(const StreamEvent& event);
  bool ok(const StreamEvent& event);
  bool fail(const StreamEvent& event);  // it certainly did not happen
  bool info(const StreamEvent& event);  // nobody knows

  // kViolated; else kUnknown if some key left the class (a value was written again while the first
  // one could still be read), or if nobody read; else kValid so far.
  [[nodiscard]] Answer answer() const;
  // kViolated, kUnknown: why.
  [[nodiscard]] const std::string& why() const { return why_; }

  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t reads() const { return reads_; }
  // What is remembered: values, operations under way, keys.  For the owner's limit.
  [[nodiscard]] std::size_t remembered() const {
    return values_.size() + under_way_.size() + keys_.size();
  }

 private:
  // A value of a key, and the times that matter: the first return and the last call among the
  // operations that wrote or returned it.
  struct Block {
    std::uint64_t key = 0;
    std::int64_t value = 0;
    std::int64_t first_return = 0;
    std::int64_t last_call = 0;
    std::int64_t limit = 0;        // whoever is called after it may not return the value
    std::int64_t replacement = 0;  // the value that says so
    bool has_returned = false;
    bool is_writing = false;  // its write is under way
  };
  using BlockId = std::uint32_t;

  struct UnderWay {
    std::uint64_t key = 0;
    std::int64_t called = 0;
    std::uint64_t number = 0;  // unique
    BlockId block = 0;         // of a write
    StreamCall call = StreamCall::kRead;
  };
  struct Read {
    std::int64_t called = 0;
    std::uint64_t process = 0;
    std::uint64_t number = 0;
  };
  struct Key {
    std::deque<BlockId> blocks;   // that have returned, by their first return
    std::vector<BlockId> latest;  // of those, the ones without a limit
    std::deque<Read> reads;       // called, the earliest first; some are over
    bool is_foreign = false;      // not of the class
  };
  struct Value {
    std::uint64_t key = 0;
    std::int64_t value = 0;
    friend bool operator==(const Value&, const Value&) = default;
  };
  struct ValueHash {
    std::size_t operator()(const Value& value) const;
  };

  Key& key_of(std::uint64_t key);
  BlockId add_block(std::uint64_t key, std::int64_t value, std::int64_t called);
  void drop_block(BlockId id);
  [[nodiscard]] bool take(const StreamEvent& event, UnderWay& op);
  [[nodiscard]] bool touch(Key& key, BlockId id, std::int64_t called, std::int64_t now);
  void limit(Key& key, BlockId by, std::int64_t from);
  void lower(Block& block, const Block& by) const;
  void forget_replaced(Key& key);
  void leave_class(std::uint64_t id, std::int64_t value);
  bool violate(const std::string& why);

  std::int64_t initial_;
  std::unordered_map<std::uint64_t, Key> keys_{};
  std::unordered_map<Value, BlockId, ValueHash> values_{};
  std::unordered_map<std::uint64_t, UnderWay> under_way_{};  // by process
  std::vector<Block> blocks_{};
  std::vector<BlockId> free_{};
  std::uint64_t events_ = 0;
  std::uint64_t reads_ = 0;
  std::uint64_t numbers_ = 0;
  bool is_violated_ = false;
  bool is_foreign_ = false;
  std::string why_{};
};

}  // namespace squall
