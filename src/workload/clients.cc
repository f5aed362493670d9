// The list of client kinds, and the main loop that all of them share.
#include <algorithm>
#include <array>
#include <csignal>
#include <thread>

#include "base/nearest.h"
#include "workload/open_loop.h"
#include "workload/workload_process.h"

namespace squall {
namespace {

// One line for each kind.
std::span<const ClientProgram* const> programs() {
  static const std::array all = {
      &etcd_program(),      &etcd_lock_program(),  //
      &redis_program(),     &external_program(),   //
      &inference_program(), &ledger_program(),
  };
  return all;
}

Result<const ClientProgram*> find_client_program(const std::string& kind) {
  std::vector<std::string> known;
  for (const ClientProgram* program : programs()) {
    if (program->row.kind == kind) return program;
    known.emplace_back(program->row.kind);
  }
  return Error{Errc::kInvalid, "unknown client '" + kind + "'" + suggestion(kind, known)};
}

struct Worker {
  std::unique_ptr<ProcessContext> context;
  std::unique_ptr<WorkloadProcess> process;
};

void work(const Worker& worker) {
  while (worker.context->command() == ClientCommand::kRun) worker.process->step();
  if (worker.context->command() == ClientCommand::kFinish) worker.process->finish();
}

Result<> check_config(const ClientConfig& config) {
  if (config.processes.empty()) return Error{Errc::kInvalid, "no processes"};
  if (config.endpoints.empty()) return Error{Errc::kInvalid, "no endpoints"};
  return {};
}

// Says that we are prepared, and waits to be told to run.
void wait_for_start(RecorderWriter& recorder) {
  recorder.set_ready();
  constexpr Duration kLook = std::chrono::hours(1);
  while (recorder.command() == ClientCommand::kWait) {
    (void)recorder.wait_command(ClientCommand::kWait, kLook);
  }
}

Result<> run_closed_loop(const ClientProgram& program, const ClientConfig& config,
                         const Params& params, RecorderWriter& recorder) {
  std::vector<Worker> workers;
  for (const std::int64_t id : config.processes) {
    auto context = std::make_unique<ProcessContext>(config, params, recorder, id);
    auto process = TRY(program.make(*context));
    workers.push_back(Worker{std::move(context), std::move(process)});
  }
  wait_for_start(recorder);
  std::vector<std::thread> threads;
  threads.reserve(workers.size());
  for (const Worker& worker : workers) threads.emplace_back([&worker] { work(worker); });
  for (std::thread& thread : threads) thread.join();
  return {};
}

Result<> run(ClientConfig config) {
  const ClientProgram* program = TRY(find_client_program(config.kind));
  (void)TRY(check_config(config));
  const auto here = static_cast<std::int64_t>(config.processes.size());
  config.process_count = std::max(config.process_count, here);
  const Params params = TRY(make_params(program->row.params, config.params));
  RecorderWriter recorder = TRY(RecorderWriter::open(config.ring));
  if (program->make != nullptr) return run_closed_loop(*program, config, params, recorder);
  const std::unique_ptr<OpenLoop> loop = TRY(program->make_open_loop(config, params, recorder));
  wait_for_start(recorder);
  loop->run();
  return {};
}

}  // namespace

std::span<const ClientRow> clients() {
  static const std::vector<ClientRow> rows = [] {
    std::vector<ClientRow> all;
    for (const ClientProgram* program : programs()) all.push_back(program->row);
    return all;
  }();
  return rows;
}

Result<> run_client(const ClientConfig& config) {
  // A program of the user's that has ended must not end us when we write to it.
  (void)::signal(SIGPIPE, SIG_IGN);
  return run(config).in("client " + config.name);
}

}  // namespace squall
