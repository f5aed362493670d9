// The table of the checkers' measures: work, anchor, goal, median of at least nine, peak memory of
// the process that did it, and beside each a limit measured in the same run: the time that only
// reading the same history takes, or making the same events.
//
//   checkers [NAME]      only the rows whose name contains NAME
//
// Each row runs in processes of its own, so that one's memory is not another's.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/measure.h"
#include "bench/register_workload.h"
#include "bench/stream_workload.h"
#include "bench/transaction_workload.h"
#include "checker/checker.h"
#include "history/jsonl.h"
#include "history/read_recording.h"

namespace squall::bench {
namespace {

struct Row {
  std::string work;
  std::string anchor;
  double goal_ms = 0;
  double goal_mib = 0;  // 0: none
  Work check;
  std::string limit_name;
  Work limit;
};

std::string number(double value) {
  char text[32];
  (void)std::snprintf(text, sizeof text,
                      value < 10    ? "%.2f"
                      : value < 100 ? "%.1f"
                                    : "%.0f",
                      value);
  return text;
}

std::string judge(const Row& row, const Measured& measured) {
  if (!measured.trouble.empty()) return "FAILED: " + measured.trouble;
  const double ms = measured.median() / kMillisecond;
  std::string text;
  if (ms > row.goal_ms) text = "missed by " + number(ms / row.goal_ms) + "×";
  if (row.goal_mib > 0 && measured.mebibytes > row.goal_mib) {
    text += (text.empty() ? "" : ", ") + std::string("memory missed by ") +
            number(measured.mebibytes / row.goal_mib) + "×";
  }
  return text.empty() ? "met" : text;
}

void print(const Row& row) {
  const Measured measured = in_process(row.check);
  const Measured limit = in_process(row.limit);
  const std::string goal = "≤ " + number(row.goal_ms) + " ms" +
                           (row.goal_mib > 0 ? ", ≤ " + number(row.goal_mib) + " MiB" : "");
  std::cout << "| " << row.work << " | " << row.anchor << " | " << goal << " | "
            << number(measured.median() / kMillisecond) << " ms | " << number(measured.mebibytes)
            << " MiB | " << row.limit_name << ": " << number(limit.median() / kMillisecond)
            << " ms | " << judge(row, measured) << " |" << std::endl;
}

// ---- what the rows do --------------------------------------------------------------------------

Budget budget() {
  static Pool pool(std::max(1U, std::thread::hardware_concurrency()));
  Budget budget;
  budget.pool = &pool;
  return budget;
}

void expect(Answer expected, const std::string& request, const Recording& recording,
            std::string& trouble) {
  const Verdict verdict = run_check(*parse_check(request), recording, budget());
  if (verdict.answer != expected) {
    trouble = request + " is " + std::string(to_text(verdict.answer)) + ": " + verdict.summary;
  }
}

template <typename Body>
double timed(Body&& body) {
  const double from = now();
  body();
  return now() - from;
}

struct Known {
  std::string path;
  std::string request;
  Answer expected;
};

// The shared histories of a subfolder whose model is a register.
std::vector<Known> known(const std::string& subfolder) {
  const char* const folder = std::getenv("SQUALL_HISTORIES");
  std::vector<Known> all;
  if (folder == nullptr) return all;
  std::ifstream file(std::string(folder) + "/VERDICTS.json");
  for (const auto& entry : nlohmann::json::parse(file)) {
    const std::string path = entry["file"];
    if (!path.starts_with(subfolder + "/")) continue;
    std::string request = "linearizable:init=" + entry["init"].dump();
    if (entry.value("model", "").starts_with("kv")) request = "linearizable:model=kv";
    if (entry.value("nil_read", "value") != "value") request += ",nil-read=wildcard";
    if (entry.contains("fail")) request += ",failed-cas=dropped";
    all.push_back({std::string(folder) + "/" + path, request,
                   entry["expected"] == "true" ? Answer::kValid : Answer::kViolated});
  }
  return all;
}

Work check_known(const std::string& subfolder) {
  return [subfolder]() -> Repetition {
    const std::vector<Known> all = known(subfolder);
    if (all.empty()) return nullptr;
    auto recordings = std::make_shared<std::vector<Recording>>();
    for (const Known& one : all) {
      recordings->push_back(std::move(read_recording(one.path)->recording));
    }
    return [all, recordings](std::string& trouble) {
      return timed([&] {
        for (std::size_t i = 0; i < all.size(); ++i) {
          expect(all[i].expected, all[i].request, (*recordings)[i], trouble);
        }
      });
    };
  };
}

Work read_known(const std::string& subfolder) {
  return [subfolder]() -> Repetition {
    const std::vector<Known> all = known(subfolder);
    if (all.empty()) return nullptr;
    return [all](std::string& trouble) {
      return timed([&] {
        for (const Known& one : all) {
          if (!read_recording(one.path).ok()) trouble = "cannot read " + one.path;
        }
      });
    };
  };
}

Work check_register(const RegisterWorkload& workload) {
  return [workload]() -> Repetition {
    auto recording = std::make_shared<Recording>(simulate(workload));
    return [recording](std::string& trouble) {
      return timed([&] { expect(Answer::kValid, "linearizable", *recording, trouble); });
    };
  };
}

Work read_register(const RegisterWorkload& workload) {
  return [workload]() -> Repetition {
    auto text = std::make_shared<std::string>(write_jsonl(simulate(workload).history));
    return [text](std::string& trouble) {
      return timed([&] {
        if (!read_jsonl(*text, "simulated").ok()) trouble = "cannot read what was written";
      });
    };
  };
}

// Files that several rows use; removed at the end.
class Files {
 public:
  Files()
      : folder_(std::filesystem::temp_directory_path() /
                ("squall-bench-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~Files() { std::filesystem::remove_all(folder_); }

  // Written by a process of its own, on first use.
  std::string lists(const std::string& name, Store store, std::uint64_t transactions) {
    return make(name, [=](std::ofstream& out) { ListStore(store, 1).write(out, transactions); });
  }
  std::string registers(const std::string& name, std::uint64_t transactions) {
    return make(name,
                [=](std::ofstream& out) { write_registers(out, transactions, 50, 8, 1000, 1); });
  }

 private:
  std::string make(const std::string& name, const std::function<void(std::ofstream&)>& write) {
    const std::filesystem::path path = folder_ / name;
    if (std::filesystem::exists(path)) return path;
    (void)in_process(
        [&]() -> Repetition {
          std::ofstream out(path);
          write(out);
          return nullptr;
        },
        0);
    return path;
  }
  std::filesystem::path folder_;
};

Work check_file(const std::string& path, std::vector<std::pair<std::string, Answer>> requests) {
  return [=]() -> Repetition {
    return [=](std::string& trouble) {
      return timed([&] {
        const Result<ReadRecording> read = read_recording(path);
        if (!read.ok()) {
          trouble = read.error().what;
          return;
        }
        for (const auto& [request, answer] : requests) {
          expect(answer, request, read->recording, trouble);
        }
      });
    };
  };
}

Work read_file(const std::string& path) {
  return check_file(path, {});
}

constexpr std::uint64_t kStreamed = 10'000'000;

Work check_stream() {
  return []() -> Repetition {
    return [](std::string& trouble) {
      return timed([&] {
        StreamWorkload workload(10, 1);
        RegisterStream stream(0);
        bool goes_on = true;
        for (std::uint64_t i = 0; i < 2 * kStreamed && goes_on; ++i) {
          const StreamWorkload::Event event = workload.next();
          goes_on = event.kind == StreamWorkload::Kind::kInvoke ? stream.invoke(event.what)
                                                                : stream.ok(event.what);
        }
        if (stream.answer() != Answer::kValid) trouble = stream.why();
      });
    };
  };
}

Work make_stream() {
  return []() -> Repetition {
    return [](std::string& trouble) {
      return timed([&] {
        StreamWorkload workload(10, 1);
        std::int64_t last = 0;
        for (std::uint64_t i = 0; i < 2 * kStreamed; ++i) last = workload.next().what.at;
        if (last == 0) trouble = "no event";
      });
    };
  };
}

std::vector<Row> register_rows() {
  const RegisterWorkload small{.operations = 50'000, .clients = 10, .values = 5};
  const RegisterWorkload unique{.operations = 10'000, .clients = 50, .values = 0};
  const RegisterWorkload keyed{.operations = 1'700, .clients = 50, .values = 0, .keys = 10};
  const RegisterWorkload crashed{.operations = 30'000,
                                 .clients = 10,
                                 .values = 5,
                                 .keys = 100,
                                 .crashed_percent = 30,
                                 .has_cas = true};
  return {
      {"the 50 shared etcd histories", "all 102: Porcupine 429 ms, Knossos 10.5 s", 3, 0,
       check_known("porcupine-etcd"), "reading them", read_known("porcupine-etcd")},
      {"the shared Knossos histories", "Knossos about 10 ms each", 10, 0,
       check_known("knossos/cas-register"), "reading them", read_known("knossos/cas-register")},
      {"key-value, the shared histories", "Porcupine 1.5 ms", 5, 0, check_known("porcupine-kv"),
       "reading them", read_known("porcupine-kv")},
      {"key-value, 50 clients, 1 700 operations", "Porcupine 131 ms", 5, 0, check_register(keyed),
       "reading it", read_register(keyed)},
      {"register, 50 000 operations, 10 clients, values 0–4", "Porcupine 542 ms, 539 MB", 30, 16,
       check_register(small), "reading it", read_register(small)},
      {"register, unique values, 10 000 operations, 50 clients",
       "Porcupine gives up at 60 s and 10.3 GB", 20, 0, check_register(unique), "reading it",
       read_register(unique)},
      {"register, 30 % indeterminate, 300 per key, 100 keys", "", 1000, 0, check_register(crashed),
       "reading it", read_register(crashed)},
      {"streaming register, 10 M operations, 10 clients", "nobody",
       static_cast<double>(kStreamed) / 1e6 / kMillisecond, 50, check_stream(), "making the events",
       make_stream()},
  };
}

std::vector<Row> transaction_rows(Files& files) {
  const std::string serial = files.lists("serial.jsonl", Store::kSerial, 1'000'000);
  const std::string snapshot = files.lists("snapshot.jsonl", Store::kSnapshot, 1'000'000);
  const std::string none = files.lists("none.jsonl", Store::kNone, 10'000);
  const std::string registers = files.registers("registers.jsonl", 1'000'000);
  const auto valid = Answer::kValid;
  return {
      {"list-append, 1 M transactions, strict serializable, from JSON lines", "Elle 20.9 s, 3.9 GB",
       1500, 600, check_file(serial, {{"list-append:model=strict-serializable", valid}}),
       "reading it", read_file(serial)},
      {"list-append, 1 M, snapshot isolation with write skew", "Elle 38 s", 3000, 0,
       check_file(snapshot, {{"list-append:model=snapshot-isolation", valid},
                             {"list-append:model=serializable", Answer::kViolated}}),
       "reading it", read_file(snapshot)},
      {"no isolation at all, 10 000 transactions", "Elle 10–12 s, 5.9 GB", 300, 0,
       check_file(none, {{"list-append:model=strict-serializable", Answer::kViolated}}),
       "reading it", read_file(none)},
      {"rw-register, 1 M transactions (8 M operations): RC + RA + causal", "AWDIT 46 s, 9 GB", 6000,
       2048,
       check_file(registers,
                  {{"read-committed", valid}, {"read-atomic", valid}, {"causal", valid}}),
       "reading it", read_file(registers)},
  };
}

void run(const std::string& chosen) {
  std::cout
      << "\n| work | anchor | goal | median of " << kRepeats
      << " | peak memory | a limit, in the same run | goal |\n|---|---|---|---|---|---|---|\n";
  const auto print_chosen = [&](const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      if (row.work.find(chosen) != std::string::npos) print(row);
    }
  };
  print_chosen(register_rows());
  const bool has_transactions = chosen.empty() || chosen.find("list") != std::string::npos ||
                                chosen.find("rw") != std::string::npos ||
                                chosen.find("isolation") != std::string::npos;
  if (!has_transactions) return;
  Files files;
  print_chosen(transaction_rows(files));
}

}  // namespace
}  // namespace squall::bench

int main(int count, char** words) {
  squall::bench::run(count > 1 ? words[1] : "");
  return 0;
}
