// The open loop of the client `inference` at several rates against a server that answers at once:
// the rate it reached, and how late its requests were.  Beside it wrk, which sends the same bytes
// to the same server as fast as it can (closed loop, so it has no schedule to be late on).
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <vector>

#include "base/fd.h"
#include "base/files.h"
#include "kernel/sockets.h"
#include "orchestrator/pause.h"
#include "workload/client.h"
#include "workload/inference_codec.h"
#include "workload/recorder_ring.h"

namespace squall {
namespace {

constexpr Duration kRun = std::chrono::seconds(3);
constexpr Duration kLook = std::chrono::milliseconds(5);  // as the run loop does
constexpr std::size_t kSlots = 1000;
const std::string kReply =
    R"({"model_name":"ranker","model_version":"1","id":"x","outputs":[{"name":"scores",)"
    R"("shape":[1,5],"datatype":"FP32","data":[1,0.5,0.25,0.125,1]}]})";

// A process that is killed and reaped with the object; what it used of the CPU is known then.
class Forked {
 public:
  explicit Forked(const std::function<void()>& body) : pid_(::fork()) {
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    ::_exit(0);
  }
  Forked(const Forked&) = delete;
  Forked& operator=(const Forked&) = delete;
  ~Forked() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    (void)wait();
  }
  // Seconds of CPU.
  double wait() {
    rusage used{};
    ::wait4(pid_, nullptr, 0, &used);
    pid_ = -1;
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
  }

 private:
  pid_t pid_;
};

// One thread, level-triggered; a request is whole when as many bytes came as the first one had head
// and body together, which holds for clients that send one at a time on a connection.
void answer_all(const Fd& listener) {
  const std::string reply =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(kReply.size()) + "\r\n\r\n" + kReply;
  const Fd poll(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener.get()}};
  ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, listener.get(), &event);
  std::array<epoll_event, 64> events{};
  std::array<char, 65536> buffer{};
  for (;;) {
    const int count = ::epoll_wait(poll.get(), events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events.at(static_cast<std::size_t>(i)).data.fd;
      if (fd == listener.get()) {
        event.data.fd = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
        ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, event.data.fd, &event);
      } else if (::recv(fd, buffer.data(), buffer.size(), 0) <= 0) {
        ::close(fd);
      } else {
        (void)::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
      }
    }
  }
}

struct Server {
  Server()
      : listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        is_bound(bind_socket(listener, {"127.0.0.1", 0}).ok() &&
                 ::listen(listener.get(), 4096) == 0),
        port(bound_address(listener)->port),
        process([this] { answer_all(listener); }) {}
  Fd listener;
  bool is_bound;
  std::uint16_t port;
  Forked process;
};

struct TempFolder {
  TempFolder() : path((std::filesystem::temp_directory_path() / "squall-bench-XXXXXX").string()) {
    if (::mkdtemp(path.data()) == nullptr) path.clear();
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path); }
  std::string path;
};

struct Seen {
  std::vector<double> late_us{};     // sent - due
  std::vector<double> latency_us{};  // completed - due
  std::int64_t not_ok = 0;
};

class Watch {
 public:
  explicit Watch(RecorderReader& reader) : reader_(reader) {}
  void drain(Seen& seen) {
    for (auto event = reader_.next(); event.ok() && *event; event = reader_.next()) {
      const RecordedEvent& one = **event;
      if (one.kind == RecordedEvent::Kind::kInvoke) {
        due_[one.process] = one.scheduled;
        seen.late_us.push_back(static_cast<double>(one.at - one.scheduled) / 1e3);
      } else {
        if (one.kind != RecordedEvent::Kind::kOk) ++seen.not_ok;
        seen.latency_us.push_back(static_cast<double>(one.at - due_[one.process]) / 1e3);
      }
    }
  }

 private:
  RecorderReader& reader_;
  std::map<std::int64_t, std::int64_t> due_{};
};

double quantile(std::vector<double>& all, double share) {
  if (all.empty()) return 0;
  std::sort(all.begin(), all.end());
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(all.size()));
  return all[std::min(rank, all.size() - 1)];
}

ClientConfig config_for(std::uint16_t port, std::int64_t rate, const std::string& ring) {
  ClientConfig config;
  config.name = "load";
  config.kind = "inference";
  config.node = "n";
  config.endpoints.push_back({"n", "127.0.0.1", "::1", ""});
  for (std::size_t id = 0; id < kSlots; ++id) {
    config.processes.push_back(static_cast<std::int64_t>(id));
  }
  config.ring = ring;
  config.params = {{"rate", std::to_string(rate)}, {"port", std::to_string(port)}};
  return config;
}

void BM_OpenLoop(benchmark::State& state) {
  const Server server;
  const TempFolder folder;
  for (auto _ : state) {
    RecorderReader reader = *RecorderReader::create(folder.path + "/ring");
    const ClientConfig config = config_for(server.port, state.range(0), folder.path + "/ring");
    Forked client([&] { ::_exit(run_client(config).ok() ? 0 : 1); });
    while (!reader.is_ready()) pause_for(kLook);
    reader.set_command(ClientCommand::kRun);
    const MonoTime end = system_clock().mono() + kRun;
    Seen seen;
    Watch watch(reader);
    while (system_clock().mono() < end) {
      watch.drain(seen);
      pause_for(kLook);
    }
    reader.set_command(ClientCommand::kStop);
    const double seconds = std::chrono::duration<double>(kRun).count();
    state.counters["reached_per_s"] = static_cast<double>(seen.late_us.size()) / seconds;
    state.counters["late_p50_us"] = quantile(seen.late_us, 0.5);
    state.counters["late_p99_us"] = quantile(seen.late_us, 0.99);
    state.counters["late_max_us"] = quantile(seen.late_us, 1);
    state.counters["latency_p99_us"] = quantile(seen.latency_us, 0.99);
    state.counters["not_ok"] = static_cast<double>(seen.not_ok);
    state.counters["cpu_us_per_request"] =
        client.wait() * 1e6 / static_cast<double>(seen.late_us.size());
  }
}
BENCHMARK(BM_OpenLoop)
    ->Arg(200)
    ->Arg(1000)
    ->Arg(5000)
    ->Arg(10'000)
    ->Arg(20'000)
    ->Arg(40'000)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond);

std::string lua_text(const std::string& body) {
  return "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [==[" +
         body + "]==]\n";
}

// Does not return.
void exec_wrk(const std::string& script, const std::string& url, const std::string& output) {
  const Fd file(::open(output.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  ::dup2(file.get(), STDOUT_FILENO);
  ::execlp("wrk", "wrk", "-t1", "-c64", "-d3s", "-s", script.c_str(), url.c_str(), nullptr);
  ::_exit(127);
}

void BM_Wrk(benchmark::State& state) {
  const Server server;
  const TempFolder folder;
  const InferenceShape shape{.model = "ranker",
                             .version = "",
                             .input_tensor = "features",
                             .output_tensor = "scores",
                             .columns = 17};
  const InferenceRequest request{.id = "load-1-1", .nonce = 1, .user = "user-1", .input = 1};
  const std::string script = folder.path + "/post.lua";
  const std::string output = folder.path + "/output";
  (void)write_file(script, lua_text(infer_body(shape, request)));
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port) + infer_target(shape);
  for (auto _ : state) {
    Forked wrk([&] { exec_wrk(script, url, output); });
    const double cpu = wrk.wait();
    const std::string said = read_file(output).value_or("");
    const std::size_t at = said.find("Requests/sec:");
    if (at == std::string::npos) {
      return state.SkipWithError("wrk is not here or failed; ./dev bench installs it");
    }
    const double rate = std::stod(said.substr(at + 13));
    state.counters["reached_per_s"] = rate;
    state.counters["cpu_us_per_request"] = cpu * 1e6 / (rate * 3);
  }
}
BENCHMARK(BM_Wrk)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

}  // namespace
}  // namespace squall
