// A small database in memory that runs seeded transactions of several sessions under an isolation
// level, and writes down what its clients saw, as JSON lines.  For tests and benchmarks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/rng.h"

namespace squall::test {

enum class Isolation {
  kStrict,    // each transaction happens at one moment between its invocation and its completion
  kSnapshot,  // reads from a snapshot of the beginning; the first to commit a key wins
  kNone,      // every micro-operation happens at once, whoever else is under way
};

struct SimulatedWorkload {
  std::uint64_t seed = 1;
  int transactions = 100;
  int sessions = 10;
  int active_keys = 10;
  int writes_per_key = 32;  // then another key takes its place
  int operations_min = 1;
  int operations_max = 4;
  bool is_list = true;  // append and read lists; else write and read registers
  Isolation isolation = Isolation::kStrict;
  int info_percent = 0;      // of transactions: nobody learns whether they happened
  bool as_sessions = false;  // {"s":…} lines instead of events
};

class TransactionSimulator {
 public:
  explicit TransactionSimulator(const SimulatedWorkload& workload)
      : workload_(workload), rng_(workload.seed) {
    for (int key = 0; key < workload_.active_keys; ++key) active_.push_back(next_key_++);
    for (int i = 0; i < workload_.sessions; ++i) {
      sessions_.push_back({});
      sessions_.back().process = i;
    }
  }

  std::string run() {
    int done = 0;
    while (done < workload_.transactions) {
      Session& session = sessions_[rng_.below(sessions_.size())];
      if (!session.is_open) {
        if (begun_ == workload_.transactions) {
          if (!finish_one()) break;
          ++done;
          continue;
        }
        begin(session);
      } else if (workload_.isolation == Isolation::kNone &&
                 session.step < session.operations.size()) {
        perform(session, session.operations[session.step++]);
      } else {
        complete(session);
        ++done;
      }
    }
    return std::move(text_);
  }

 private:
  struct Operation {
    bool is_read = false;
    int key = 0;
    int value = 0;          // written
    std::string seen = {};  // read, as JSON
  };
  struct Session {
    int process = 0;
    bool is_open = false;
    std::vector<Operation> operations = {};
    std::size_t step = 0;
    std::unordered_map<int, std::size_t> versions = {};  // how much of each key was there
  };
  struct Key {
    std::vector<std::size_t> ends = {};  // of each version in `text`
    std::string text = {};               // "1,2,3"
    std::vector<int> values = {};
    int handed_out = 0;
  };

  bool finish_one() {
    for (Session& session : sessions_) {
      if (!session.is_open) continue;
      while (workload_.isolation == Isolation::kNone && session.step < session.operations.size()) {
        perform(session, session.operations[session.step++]);
      }
      complete(session);
      return true;
    }
    return false;
  }

  void begin(Session& session) {
    ++begun_;
    session.is_open = true;
    session.step = 0;
    session.operations.clear();
    session.versions.clear();
    const int spread = workload_.operations_max - workload_.operations_min + 1;
    const auto count =
        workload_.operations_min + static_cast<int>(rng_.below(static_cast<std::uint64_t>(spread)));
    for (int i = 0; i < count; ++i) {
      const std::size_t slot = rng_.below(active_.size());
      Operation operation;
      operation.is_read = rng_.below(2) == 0;
      operation.key = active_[slot];
      if (!operation.is_read) {
        operation.value = ++key(operation.key).handed_out;
        if (operation.value == workload_.writes_per_key) active_[slot] = next_key_++;
      }
      session.operations.push_back(operation);
    }
    if (workload_.isolation == Isolation::kSnapshot) {
      for (const Operation& operation : session.operations) {
        session.versions[operation.key] = key(operation.key).values.size();
      }
    }
    if (!workload_.as_sessions) write_event(session, "invoke", false);
  }

  Key& key(int number) {
    if (static_cast<std::size_t>(number) >= keys_.size()) {
      keys_.resize(static_cast<std::size_t>(number) * 2 + 16);
    }
    return keys_[static_cast<std::size_t>(number)];
  }

  // Of the first `count` versions.
  std::string shown(const Key& of, std::size_t count) const {
    if (count == 0) return "null";
    if (!workload_.is_list) return std::to_string(of.values[count - 1]);
    return "[" + of.text.substr(0, of.ends[count - 1]) + "]";
  }

  static void write(Key& to, int value) {
    if (!to.text.empty()) to.text += ',';
    to.text += std::to_string(value);
    to.ends.push_back(to.text.size());
    to.values.push_back(value);
  }

  void perform(Session&, Operation& operation) {
    Key& of = key(operation.key);
    if (operation.is_read) {
      operation.seen = shown(of, of.values.size());
    } else {
      write(of, operation.value);
    }
  }

  // What a snapshot shows, with what the transaction itself has written on top.
  void perform_on_snapshot(Session& session) {
    std::unordered_map<int, std::string> own;
    for (Operation& operation : session.operations) {
      std::string& added = own[operation.key];
      if (!operation.is_read) {
        const bool is_first = !workload_.is_list || added.empty();
        added = (is_first ? "" : added + ",") + std::to_string(operation.value);
        continue;
      }
      const std::string before = shown(key(operation.key), session.versions[operation.key]);
      if (added.empty()) {
        operation.seen = before;
      } else if (!workload_.is_list) {
        operation.seen = added;
      } else if (before == "null") {
        operation.seen = "[" + added + "]";
      } else {
        operation.seen = before.substr(0, before.size() - 1) + "," + added + "]";
      }
    }
  }

  bool has_conflict(Session& session) {
    return std::any_of(session.operations.begin(), session.operations.end(),
                       [&](const Operation& operation) {
                         return !operation.is_read &&
                                key(operation.key).values.size() != session.versions[operation.key];
                       });
  }

  void complete(Session& session) {
    const bool is_info = static_cast<int>(rng_.below(100)) < workload_.info_percent;
    const bool does_happen = !is_info || rng_.below(2) == 0;
    bool is_aborted = false;
    if (workload_.isolation == Isolation::kSnapshot) {
      is_aborted = has_conflict(session);
      perform_on_snapshot(session);
      for (const Operation& operation : session.operations) {
        const bool is_written = !is_aborted && does_happen && !operation.is_read;
        if (is_written) write(key(operation.key), operation.value);
      }
    } else if (workload_.isolation == Isolation::kStrict && does_happen) {
      for (Operation& operation : session.operations) perform(session, operation);
    }
    session.is_open = false;
    if (workload_.as_sessions) {
      write_session(session, !is_aborted);
    } else if (is_info) {
      write_event(session, "info", false);
      session.process += workload_.sessions;
    } else {
      write_event(session, is_aborted ? "fail" : "ok", !is_aborted);
    }
  }

  void write_operations(const Session& session, bool is_seen) {
    const char* const verb = workload_.is_list ? "append" : "w";
    for (std::size_t i = 0; i < session.operations.size(); ++i) {
      const Operation& operation = session.operations[i];
      text_ += (i == 0 ? "[\"" : ",[\"");
      text_ += operation.is_read ? "r" : verb;
      text_ += "\"," + std::to_string(operation.key) + ",";
      if (operation.is_read) {
        text_ += is_seen ? operation.seen : "null";
      } else {
        text_ += std::to_string(operation.value);
      }
      text_ += "]";
    }
  }

  void write_event(const Session& session, const char* event, bool is_seen) {
    text_ += "{\"i\":" + std::to_string(index_++) + ",\"p\":" + std::to_string(session.process) +
             ",\"e\":\"" + event + "\",\"f\":\"txn\",\"v\":[";
    write_operations(session, is_seen);
    text_ += "]}\n";
  }

  void write_session(const Session& session, bool is_committed) {
    text_ += "{\"s\":" + std::to_string(session.process) + ",\"t\":" + std::to_string(index_++) +
             ",\"c\":" + (is_committed ? "true" : "false") + ",\"ops\":[";
    write_operations(session, true);
    text_ += "]}\n";
  }

  SimulatedWorkload workload_;
  Rng rng_;
  std::vector<Session> sessions_;
  std::vector<int> active_;
  std::vector<Key> keys_;
  int next_key_ = 0;
  int begun_ = 0;
  std::uint64_t index_ = 0;
  std::string text_;
};

[[nodiscard]] inline std::string simulate(const SimulatedWorkload& workload) {
  return TransactionSimulator(workload).run();
}

}  // namespace squall::test
