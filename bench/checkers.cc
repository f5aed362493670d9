// The table of the checkers' measures: work, anchor, goal, median of at least nine, peak memory of
// the process that did it, and beside each a limit measured in the same run: the time that only
// reading the same history takes, or making the same events.
//
//   checkers [NAME]      only the rows whose name contains NAME
//
// Each row runs in processes of its own, so that one's memory is not another's.  What is made is
// made by `squall generate` with the parameters in the table, so that anybody can repeat it.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "bench/measure.h"
#include "bench/stream_workload.h"
#include "checker/checker.h"
#include "history/generate/generate.h"
#include "history/read_recording.h"

namespace squall::bench {
namespace {

constexpr std::uint64_t kStreamed = 10'000'000;

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
            << number(measured.median() / kMillisecond) << " ms | "
            << number(median_of(measured.processor) / kMillisecond) << " ms | "
            << number(measured.mebibytes) << " MiB | " << row.limit_name << ": "
            << number(limit.median() / kMillisecond) << " ms | " << judge(row, measured) << " |"
            << std::endl;
}

// ---- what the rows do --------------------------------------------------------------------------

struct Expected {
  std::string request;
  Answer answer = Answer::kValid;
};

void expect(const Expected& expected, const Recording& recording, Pool& pool,
            std::string& trouble) {
  Budget budget;
  budget.pool = &pool;
  const Verdict verdict = run_check(*parse_check(expected.request), recording, budget);
  if (verdict.answer == expected.answer) return;
  trouble =
      expected.request + " is " + std::string(to_text(verdict.answer)) + ": " + verdict.summary;
}

std::shared_ptr<Pool> new_pool() {
  return std::make_shared<Pool>(std::max(1U, std::thread::hardware_concurrency()));
}

struct Known {
  std::string path;
  Expected expected;
};

// The shared histories of a subfolder whose model is a register or a key-value store.
std::vector<Known> known(const std::string& subfolder) {
  const char* const folder = std::getenv("SQUALL_HISTORIES");
  std::vector<Known> all;
  if (folder == nullptr) return all;
  std::ifstream file(std::string(folder) + "/VERDICTS.json");
  for (const auto& entry : nlohmann::json::parse(file)) {
    const std::string path = entry["file"];
    if (!path.starts_with(subfolder + "/")) continue;
    std::string request = "linearizable:init=" + entry["init"].dump();
    if (entry.value("model", "").starts_with("kv")) request = "linearizable:model=key-value";
    if (entry.value("nil_read", "value") != "value") request += ",nil-read=wildcard";
    if (entry.contains("fail")) request += ",failed-cas=dropped";
    all.push_back({std::string(folder) + "/" + path,
                   {request, entry["expected"] == "true" ? Answer::kValid : Answer::kViolated}});
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
    return [all, recordings, pool = new_pool()](std::string& trouble) {
      return timed([&] {
        for (std::size_t i = 0; i < all.size(); ++i) {
          expect(all[i].expected, (*recordings)[i], *pool, trouble);
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

// What `squall generate` makes, in files that several rows use; removed at the end.
class Files {
 public:
  Files()
      : folder_(std::filesystem::temp_directory_path() /
                ("squall-bench-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() { std::filesystem::remove_all(folder_); }

  // "register:operations=50000,values=5"; made by a process of its own, on first use.
  std::string make(const std::string& workload) const {
    const std::string path = folder_ / (workload + ".jsonl");
    if (std::filesystem::exists(path)) return path;
    const Measured made = in_process([&] { return generation(workload, path); }, 0);
    if (!made.trouble.empty()) std::cout << workload << ": " << made.trouble << std::endl;
    return path;
  }

 private:
  static Repetition generation(const std::string& workload, const std::string& path) {
    return [=](std::string& trouble) {
      const std::size_t colon = workload.find(':');
      std::map<std::string, std::string> given;
      std::istringstream words(workload.substr(colon + 1));
      for (std::string word; std::getline(words, word, ',');) {
        given[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
      }
      const WorkloadRow* row = find_workload(workload.substr(0, colon));
      const Result<Params> params = make_params(row->params, given);
      std::ofstream out(path);
      const Result<> made = params.ok() ? row->generate(*params,
                                                        [&](std::string_view text) -> Result<> {
                                                          out << text;
                                                          return {};
                                                        })
                                        : Result<>(params.error());
      if (!made.ok()) trouble = made.error().what;
      return 0.0;
    };
  }
  std::filesystem::path folder_;
};

// Reads once, then checks.
Work check_file(const std::string& path, std::vector<Expected> all) {
  return [=]() -> Repetition {
    Result<ReadRecording> read = read_recording(path);
    const std::string what = read.ok() ? "" : read.error().what;
    auto recording = std::make_shared<Recording>();
    if (read.ok()) *recording = std::move(read->recording);
    return [=, pool = new_pool()](std::string& trouble) {
      trouble = what;
      return timed([&] {
        for (const Expected& one : all) expect(one, *recording, *pool, trouble);
      });
    };
  };
}

// Reads and checks each time.
Work read_and_check(const std::string& path, std::vector<Expected> all) {
  return [=]() -> Repetition {
    return [=, pool = new_pool()](std::string& trouble) {
      return timed([&] {
        const Result<ReadRecording> read = read_recording(path);
        if (!read.ok()) trouble = read.error().what;
        if (!read.ok()) return;
        for (const Expected& one : all) expect(one, read->recording, *pool, trouble);
      });
    };
  };
}

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

Row known_row(const std::string& work, const std::string& anchor, double goal_ms,
              const std::string& subfolder) {
  return {work, anchor, goal_ms, 0, check_known(subfolder), "reading", read_known(subfolder)};
}

Row made_row(const std::string& work, const std::string& anchor, double goal_ms, double goal_mib,
             const std::string& path, const std::vector<Expected>& expected) {
  return {work,
          anchor,
          goal_ms,
          goal_mib,
          check_file(path, expected),
          "reading",
          read_and_check(path, {})};
}

Row whole_row(const std::string& work, const std::string& anchor, double goal_ms, double goal_mib,
              const std::string& path, const std::vector<Expected>& expected) {
  return {work,
          anchor,
          goal_ms,
          goal_mib,
          read_and_check(path, expected),
          "reading alone",
          read_and_check(path, {})};
}

// Made only if it is wanted, because making some of it takes a minute.
using LateRow = std::pair<std::string, std::function<Row(const std::string& name)>>;

Expected valid(const std::string& request) {
  return Expected{request, Answer::kValid};
}
Expected violated(const std::string& request) {
  return Expected{request, Answer::kViolated};
}

std::vector<LateRow> object_rows(const Files& files) {
  return {
      {"the 50 shared etcd histories",
       [](const std::string& name) {
         return known_row(name, "all 102: Porcupine 429 ms, Knossos 10.5 s", 3, "porcupine-etcd");
       }},
      {"the shared Knossos histories",
       [](const std::string& name) {
         return known_row(name, "Knossos about 10 ms each", 10, "knossos/cas-register");
       }},
      {"key-value, 10 clients, shared",
       [](const std::string& name) {
         return known_row(name, "Porcupine 1.5 ms", 5, "porcupine-kv");
       }},
      {"key-value, 50 clients, 1 700 operations",
       [&files](const std::string& name) {
         return made_row(name, "Porcupine 131 ms", 5, 0,
                         files.make("kv:operations=1700,clients=50"),
                         {valid("linearizable:model=key-value")});
       }},
      {"register, 50 000 operations, 10 clients, values 0–4",
       [&files](const std::string& name) {
         return made_row(name, "Porcupine 542 ms, 539 MB", 30, 16,
                         files.make("register:operations=50000,clients=10,values=5"),
                         {valid("linearizable")});
       }},
      {"register, unique values, 10 000 operations, 50 clients",
       [&files](const std::string& name) {
         return made_row(name, "Porcupine gives up at 60 s and 10.3 GB", 20, 0,
                         files.make("register:operations=10000,clients=50,values=0"),
                         {valid("linearizable")});
       }},
      {"register, 30 % indeterminate, 300 per key, 100 keys",
       [&files](const std::string& name) {
         return made_row(
             name, "", 1000, 0,
             files.make("register:operations=30000,clients=10,cas=20%,info-rate=30%,keys=100"),
             {valid("linearizable")});
       }},
      {"streaming register, 10 M operations, 10 clients",
       [](const std::string& name) {
         return Row{
             name,         "nobody",       static_cast<double>(kStreamed) / 1e6 / kMillisecond,
             50,           check_stream(), "making the events",
             make_stream()};
       }},
  };
}

std::vector<LateRow> transaction_rows(const Files& files) {
  const auto lists = [&files](const std::string& more) {
    return files.make("list-append:" + more);
  };
  return {
      {"list-append, 1 M transactions, strict serializable, from JSON lines",
       [=](const std::string& name) {
         return whole_row(name, "Elle 20.9 s, 3.9 GB", 1500, 600, lists("operations=1000000"),
                          {valid("list-append:model=strict-serializable")});
       }},
      {"list-append, 1 M, snapshot isolation with write skew",
       [=](const std::string& name) {
         return whole_row(name, "Elle 38 s", 3000, 0,
                          lists("operations=1000000,isolation=snapshot-isolation"),
                          {violated("list-append:model=serializable")});
       }},
      {"list-append, no isolation at all, 10 000 transactions",
       [=](const std::string& name) {
         return whole_row(name, "Elle 10–12 s, 5.9 GB", 300, 0,
                          lists("operations=10000,isolation=none"),
                          {violated("list-append:model=strict-serializable")});
       }},
      {"rw-register, 1 M transactions (8 M operations): RC + RA + causal",
       [&files](const std::string& name) {
         return whole_row(name, "AWDIT 46 s, 9 GB", 6000, 2048,
                          files.make("rw-register:operations=1000000,clients=50,keys=1000,"
                                     "steps-min=8,steps-max=8,form=sessions"),
                          {valid("read-committed"), valid("read-atomic"), valid("causal")});
       }},
  };
}

std::vector<LateRow> rows(const Files& files) {
  std::vector<LateRow> all = object_rows(files);
  for (LateRow& row : transaction_rows(files)) all.push_back(std::move(row));
  return all;
}

void run(const std::string& chosen) {
  std::cout << "\n| work | anchor | goal | median of " << kRepeats
            << " | of that on processors | peak memory | a limit, in the same run | goal |\n"
            << "|---|---|---|---|---|---|---|---|\n";
  const Files files;
  for (const auto& [name, make] : rows(files)) {
    if (name.find(chosen) != std::string::npos) print(make(name));
  }
}

}  // namespace
}  // namespace squall::bench

int main(int count, char** words) {
  squall::bench::run(count > 1 ? words[1] : "");
  return 0;
}
