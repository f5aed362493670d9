// Seeded transactions as JSON lines, from three simulated stores: one that executes them one by
// one, one with snapshots (so that some skew their writes), and one without any isolation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "base/rng.h"

namespace squall::bench {

enum class Store : std::uint8_t { kSerial, kSnapshot, kNone };

class ListStore {
 public:
  ListStore(Store store, std::uint64_t seed) : store_(store), rng_(seed) {}

  // Clients take turns in taking effect; each transaction spans a few turns to both sides.
  void write(std::ofstream& out, std::uint64_t transactions) {
    events_.clear();
    for (std::uint64_t i = 0; i < transactions; ++i) execute(i);
    std::stable_sort(events_.begin(), events_.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    std::uint64_t index = 0;
    for (const Event& event : events_) {
      out << "{\"i\":" << index++ << ",\"p\":" << event.process << ",\"e\":\"" << event.kind
          << "\",\"f\":\"txn\",\"v\":[" << event.value << "],\"t\":" << event.at << "}\n";
    }
  }

 private:
  static constexpr std::uint64_t kClients = 10;
  static constexpr std::int64_t kTurn = 1000;
  static constexpr std::uint64_t kActiveKeys = 10;
  static constexpr std::size_t kMaxAppends = 32;  // then the key is retired

  struct Event {
    std::int64_t at;
    std::uint64_t process;
    const char* kind;
    std::string value;
  };
  struct List {
    std::vector<std::uint64_t> elements;
    std::vector<std::uint64_t> committed;  // the turn of each
    std::uint64_t next = 1;                // elements are 1, 2, 3, …
  };

  void execute(std::uint64_t turn) {
    const std::uint64_t age = store_ == Store::kSerial ? 0 : rng_.below(4);
    const std::uint64_t snapshot = turn - std::min(turn, age);
    std::string asked;
    std::string told;
    std::vector<std::pair<std::size_t, std::uint64_t>> appends;
    bool is_aborted = false;
    for (std::uint64_t n = 1 + rng_.below(4); n > 0; --n) {
      const std::size_t key = pick_key();
      const char* const comma = asked.empty() ? "" : ",";
      if (rng_.below(2) == 0) {
        asked += comma + read_text(key, "null");
        told += comma + read_text(key, list_text(key, snapshot, appends));
        continue;
      }
      List& list = lists_[key];
      const std::uint64_t element = list.next++;
      const std::string text =
          "[\"append\"," + std::to_string(key) + "," + std::to_string(element) + "]";
      asked += comma + text;
      told += comma + text;
      appends.emplace_back(key, element);
      is_aborted = is_aborted || (store_ == Store::kSnapshot && !list.committed.empty() &&
                                  list.committed.back() > snapshot);
    }
    if (!is_aborted) commit(appends, turn);
    const auto at = static_cast<std::int64_t>(turn + 10) * kTurn;
    const std::uint64_t process = turn % kClients;
    events_.push_back({at - 4 * kTurn - offset(), process, "invoke", asked});
    events_.push_back(
        {at + offset(), process, is_aborted ? "fail" : "ok", is_aborted ? asked : told});
  }

  std::int64_t offset() { return static_cast<std::int64_t>(rng_.below(kTurn * 4)); }

  std::size_t pick_key() {
    const std::size_t slot = rng_.below(kActiveKeys);
    if (active_.size() < kActiveKeys) {
      for (std::size_t i = 0; i < kActiveKeys; ++i) active_.push_back(new_list());
    }
    if (lists_[active_[slot]].next > kMaxAppends) active_[slot] = new_list();
    return active_[slot];
  }
  std::size_t new_list() {
    lists_.emplace_back();
    return lists_.size() - 1;
  }

  static std::string read_text(std::size_t key, const std::string& value) {
    return "[\"r\"," + std::to_string(key) + "," + value + "]";
  }

  // What the snapshot has, and the transaction's own appends.
  std::string list_text(std::size_t key, std::uint64_t snapshot,
                        const std::vector<std::pair<std::size_t, std::uint64_t>>& own) {
    const List& list = lists_[key];
    std::string text;
    for (std::size_t i = 0; i < list.elements.size() && list.committed[i] <= snapshot; ++i) {
      text += (text.empty() ? "" : ",") + std::to_string(list.elements[i]);
    }
    for (const auto& [where, element] : own) {
      if (where == key) text += (text.empty() ? "" : ",") + std::to_string(element);
    }
    return "[" + text + "]";
  }

  // Without isolation an append may overwrite what others appended meanwhile.
  void commit(const std::vector<std::pair<std::size_t, std::uint64_t>>& appends,
              std::uint64_t turn) {
    for (const auto& [key, element] : appends) {
      List& list = lists_[key];
      if (store_ == Store::kNone && !list.elements.empty() && rng_.below(4) == 0) {
        list.elements.pop_back();
        list.committed.pop_back();
      }
      list.elements.push_back(element);
      list.committed.push_back(turn);
    }
  }

  Store store_;
  Rng rng_;
  std::vector<List> lists_;
  std::vector<std::size_t> active_;
  std::vector<Event> events_;
};

// Serial execution by `sessions`, `width` micro-operations each, as session lines.
inline void write_registers(std::ofstream& out, std::uint64_t transactions, std::uint64_t sessions,
                            std::uint64_t width, std::uint64_t keys, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::uint64_t> value(keys, 0);
  std::vector<std::uint64_t> next(keys, 1);
  for (std::uint64_t i = 0; i < transactions; ++i) {
    out << "{\"s\":" << rng.below(sessions) << ",\"t\":" << i << ",\"c\":true,\"ops\":[";
    for (std::uint64_t n = 0; n < width; ++n) {
      const std::uint64_t key = rng.below(keys);
      // A key is written before it is read, so that every read names a writer.
      const bool is_write = value[key] == 0 || rng.below(2) == 0;
      if (is_write) value[key] = next[key]++;
      out << (n == 0 ? "[\"" : ",[\"") << (is_write ? 'w' : 'r') << "\"," << key << ","
          << value[key] << "]";
    }
    out << "]}\n";
  }
}

}  // namespace squall::bench
