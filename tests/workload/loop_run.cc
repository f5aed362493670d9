// A client on a thread, and its history.
#include "tests/workload/loop_run.h"

namespace squall::testing_workload {
namespace {

constexpr std::int64_t kStride = 1'000'000;  // as in a run

}  // namespace

LoopRun::LoopRun(const std::function<void(const std::string& ring)>& body)
    : reader_(*RecorderReader::create(folder_.path("ring"))),
      builder_(system_clock().mono(), kStride) {
  begin(body);
}

LoopRun::LoopRun(const std::map<std::string, std::string>& params,
                 const std::vector<std::string>& addresses, std::int64_t processes)
    : reader_(*RecorderReader::create(folder_.path("ring"))),
      builder_(system_clock().mono(), kStride) {
  ClientConfig config;
  config.name = "load";
  config.kind = "inference";
  config.node = "n";
  config.params = params;
  for (const std::string& address : addresses) {
    config.endpoints.push_back({"n", address, "::1", "eu"});
  }
  for (std::int64_t id = 0; id < processes; ++id) config.processes.push_back(id);
  begin([this, config](const std::string& ring) {
    ClientConfig complete = config;
    complete.ring = ring;
    const Result<> end = run_client(complete);
    if (!end.ok()) error_ = end.error().what;
  });
}

void LoopRun::begin(const std::function<void(const std::string& ring)>& body) {
  (void)builder_.add_source({.client = "load", .node = "n"});
  reader_.set_command(ClientCommand::kRun);
  thread_ = std::thread([body, ring = folder_.path("ring")] { body(ring); });
}

LoopRun::~LoopRun() {
  end(ClientCommand::kStop);
}

void LoopRun::drain() {
  for (;;) {
    const Result<std::optional<RecordedEvent>> event = reader_.next();
    CHECK(event.ok());
    if (!*event) return;
    const Result<> added = builder_.add(0, **event);
    CHECK(added.ok());
  }
}

bool LoopRun::run_until(const std::function<bool()>& holds) {
  return eventually([&] {
    drain();
    return holds();
  });
}

bool LoopRun::finish_after(std::size_t operations) {
  const bool is_done = run_until([&] { return history().size() >= operations; });
  end(ClientCommand::kFinish);
  return is_done;
}

void LoopRun::end(ClientCommand command) {
  if (!thread_.joinable()) return;
  reader_.set_command(command);
  thread_.join();
  drain();
  builder_.finish();
}

std::map<std::string, int> LoopRun::outcomes() const {
  std::map<std::string, int> seen;
  for (OpIndex op = 0; op < history().size(); ++op) {
    const std::string outcome(to_text(history().outcome()[op]));
    const std::string error(history().error(op));
    ++seen[error.empty() ? outcome : outcome + ": " + error];
  }
  return seen;
}

}  // namespace squall::testing_workload
