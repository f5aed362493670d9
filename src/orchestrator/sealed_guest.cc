// Process 1: sets the machine up, starts the lab in a child, stands still where the host is to
// speak, copies what the lab says into the mailbox.
#include "orchestrator/sealed_guest.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "arena/perturber.h"
#include "arena/sealed/guest.h"
#include "arena/sealed/image.h"
#include "arena/sealed/sealed_request.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/time.h"
#include "orchestrator/run.h"
#include "workload/client.h"

namespace squall {
namespace {

constexpr const char* kRunFile = "/out/run.squall";
constexpr const char* kGoFile = "/out/go.json";
constexpr int kBeatMs = 1000;
constexpr std::size_t kMaxFailure = 4096;
constexpr char kReady = 'R';   // lab → process 1: the stack is ready
constexpr char kGo = 'G';      // and back: kGoFile says what to run
constexpr char kFailed = 'F';  // lab → process 1: an error text follows

// What the host wrote was checked there, so a problem is ours.
template <typename T>
Result<T> explained(Result<T> parsed, const std::vector<Problem>& problems) {
  if (!parsed && !problems.empty()) return parsed.error().in(problems.front().to_text());
  return parsed;
}

Result<Scenario> parse_resolved(const std::string& text) {
  std::vector<Problem> problems;
  const LoadOptions options{.overrides = {}, .vocabulary = {.clients = clients()}};
  return explained(parse_scenario(text, "the resolved scenario", options, problems), problems);
}

Result<Topology> parse_stack(const std::string& text) {
  std::vector<Problem> problems;
  return explained(parse_topology(text, "the stack", problems), problems);
}

// --- in the lab's process -----------------------------------------------------------------------

Result<ReadyRun> wait_for_go(int gate) {
  char answer = kReady;
  if (::write(gate, &answer, 1) != 1 || ::read(gate, &answer, 1) != 1 || answer != kGo) {
    return Error{Errc::kAborted, "the machine's first process is gone"};
  }
  const std::string text = TRY(read_file(kGoFile));
  const GoRequest request = TRY(parse_go_request(text));
  return ReadyRun{.scenario = TRY(parse_resolved(request.scenario)),
                  .text = request.source,
                  .facts = request.facts};
}

Result<> run_lab(const StackRequest& request, int gate) {
  RunSetup setup;
  setup.scenario.topology = TRY(parse_stack(request.topology));
  setup.has_baseline = request.has_baseline;
  setup.stacks = kImageStacks;
  setup.out = kRunFile;
  setup.arena = "sealed";
  setup.at_ready = [gate] { return wait_for_go(gate); };
  setup.on_recorded = [] {};
  return run_scenario(setup);
}

[[noreturn]] void become_lab(const StackRequest& request, int gate, int output) {
  (void)::dup2(output, STDOUT_FILENO);
  (void)::dup2(output, STDERR_FILENO);
  const Result<> ran = run_lab(request, gate);
  (void)std::fflush(nullptr);
  if (ran.ok()) ::_exit(0);
  const std::string text = kFailed + ran.error().what.substr(0, kMaxFailure);
  (void)!::write(gate, text.data(), text.size());
  ::_exit(1);
}

// --- process 1 ----------------------------------------------------------------------------------

struct Ends {
  Fd ours;
  Fd theirs;
};

Result<Ends> make_ends(int type) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_error("make a socket pair");
  }
  return Ends{Fd(ends[0]), Fd(ends[1])};
}

std::uint64_t machine_time() {
  return static_cast<std::uint64_t>(system_clock().mono().ns());
}

class Guest {
 public:
  explicit Guest(Mailbox box) : box_(box) {}

  // The end: a run file or an error in the mailbox.
  void serve() {
    const Result<> done = run();
    if (!done.ok()) box_.put_result(Stage::kFailed, done.error().what);
    stand_still();
  }

 private:
  Result<> run() {
    TRY(set_up_machine());
    stop_at(Stage::kBooted);
    const std::string text = TRY(box_.request());
    const StackRequest request = TRY(parse_stack_request(text));
    TRY(enter(request.folder));
    TRY(start(request));
    while (lab_ != 0) TRY(step());
    if (!failure_.empty()) return Error{Errc::kIo, failure_};
    return hand_out();
  }

  void stop_at(Stage stage) {
    box_.beat(machine_time());
    box_.set_stage(stage);
    stand_still();
  }

  static Result<> enter(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (::chdir(folder.c_str()) != 0) return errno_error("go to " + folder);
    (void)::setenv("PATH", "/usr/bin:/bin", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    (void)::setenv("HOME", "/", 1);              // NOLINT(concurrency-mt-unsafe)
    return {};
  }

  Result<> start(const StackRequest& request) {
    Ends gate = TRY(make_ends(SOCK_SEQPACKET));
    Ends output = TRY(make_ends(SOCK_STREAM));
    lab_ = ::fork();
    if (lab_ < 0) return errno_error("fork");
    if (lab_ == 0) become_lab(request, gate.theirs.get(), output.theirs.get());
    gate_ = std::move(gate.ours);
    output_ = std::move(output.ours);
    return {};
  }

  Result<> step() {
    std::array<pollfd, 2> waiting = {{{gate_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}}};
    (void)::poll(waiting.data(), waiting.size(), kBeatMs);
    box_.beat(machine_time());
    if (waiting[1].revents != 0) copy_output();
    if (waiting[0].revents != 0) TRY(answer_lab());
    reap();
    return {};
  }

  void copy_output() {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(output_.get(), buffer.data(), buffer.size());
    if (count <= 0) return output_.reset();
    box_.tell({buffer.data(), static_cast<std::size_t>(count)});
  }

  Result<> answer_lab() {
    std::array<char, kMaxFailure + 1> buffer{};
    const ssize_t count = ::read(gate_.get(), buffer.data(), buffer.size());
    if (count <= 0) {
      gate_.reset();
      return {};
    }
    if (buffer[0] == kFailed) {
      failure_ = std::string(&buffer[1], static_cast<std::size_t>(count - 1));
      return {};
    }
    stop_at(Stage::kReady);
    const std::string text = TRY(box_.request());
    TRY(write_file(kGoFile, text));
    const std::uint64_t seed = TRY(parse_go_request(text)).perturb;
    perturber_ = TRY(PerturberProcess::start({.seed = seed}));
    began_ = TRY(processor_time());
    if (::write(gate_.get(), &kGo, 1) != 1) return errno_error("start the run");
    return {};
  }

  // Orphans of the lab too.
  void reap() {
    int status = 0;
    for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
         pid = ::waitpid(-1, &status, WNOHANG)) {
      if (pid != lab_) continue;
      if (WIFSIGNALED(status)) {
        failure_ = "the lab was killed by signal " + std::to_string(WTERMSIG(status));
      }
      lab_ = 0;
    }
  }

  // Facts in the first line, then the run file.
  Result<> hand_out() {
    const ProcessorTime now = TRY(processor_time());
    const std::string perturbed = perturber_ ? TRY(perturber_->stop()) : "";
    const std::uint64_t busy = now.busy - began_.busy;
    const std::uint64_t all = busy + now.idle - began_.idle;
    const nlohmann::json facts = {{"busy_percent", all == 0 ? 0 : 100 * busy / all},
                                  {"virtual_ns", machine_time()},
                                  {"perturber", perturbed}};
    const std::string file = TRY(read_file(kRunFile, kMaxResult));
    const std::string result = facts.dump() + "\n" + file;
    if (result.size() > kMaxResult) return Error{Errc::kIo, "the run file is too large"};
    box_.put_result(Stage::kDone, result);
    return {};
  }

  Mailbox box_;
  Fd gate_;
  Fd output_;
  pid_t lab_ = 0;
  std::string failure_;
  ProcessorTime began_;
  std::optional<PerturberProcess> perturber_{};
};

}  // namespace

void run_sealed_guest() {
  Result<> port = open_port();
  Result<Mailbox> box = port.ok() ? map_mailbox_inside() : Result<Mailbox>(port.error());
  if (box.ok()) {
    Guest(*box).serve();
  } else {
    (void)std::fprintf(stderr, "squall: %s\n", box.error().what.c_str());
  }
  (void)::reboot(RB_POWER_OFF);
  ::_exit(1);  // the kernel panics without its first process, which the host sees
}

}  // namespace squall
