// What every kind of client is made of: processes that perform one operation at a time and record
// it.  Closed loop: the next operation is scheduled when the last one has ended.  Kinds that send
// when it is time, whatever the answers do, are made otherwise: open_loop.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/params.h"
#include "base/rng.h"
#include "workload/client.h"
#include "workload/connection.h"
#include "workload/recorder_ring.h"

namespace squall {

// How an operation ended, by the protocol's error table (docs/clients.md).
struct Answer {
  RecordedEvent::Kind kind = RecordedEvent::Kind::kInfo;
  std::string value{};  // JSON; "" keeps the argument
  std::string error{};
  MonoTime first_byte{};
};
[[nodiscard]] Answer ok(std::string value = {});
[[nodiscard]] Answer fail(std::string error);
[[nodiscard]] Answer info(std::string error);
// A working system's "no": kNegativeAnswer is put in front.
[[nodiscard]] Answer negative(std::string_view error);
// The rule for an exchange that brought no answer: nothing sent is fail; otherwise it is fail for
// what has no effect (a read), and info for the rest.
enum class HasEffect : bool { kFalse, kTrue };
[[nodiscard]] Answer no_answer(const Error& error, const ExchangeTimes& times, HasEffect effect);

// What a process is given.  Everything outlives it.
class ProcessContext {
 public:
  ProcessContext(const ClientConfig& config, const Params& params, RecorderWriter& recorder,
                 std::int64_t process);

  [[nodiscard]] const ClientConfig& config() const { return config_; }
  [[nodiscard]] const Params& params() const { return params_; }
  [[nodiscard]] std::int64_t process() const { return process_; }
  [[nodiscard]] Rng& rng() { return rng_; }

  // Records the invocation, performs, records the answer.
  Answer perform(std::string_view function, std::string_view key, std::string_view argument,
                 const std::function<Answer()>& operation);
  // An integer that nobody else in the run uses, also after this client was killed and restarted.
  // The first of process 3 is 30000001.
  [[nodiscard]] std::int64_t unique_value();
  // Waits; false: the command is not, or no longer, the one that is expected.
  [[nodiscard]] bool pause(Duration length, ClientCommand during = ClientCommand::kRun) const;
  [[nodiscard]] ClientCommand command() const { return recorder_.command(); }
  [[nodiscard]] MonoTime deadline() const;  // from now, by the parameter `timeout`
  // One line for people and for `when: {log: …}`.
  void log(const std::string& line) const;

 private:
  const ClientConfig& config_;
  const Params& params_;
  RecorderWriter& recorder_;
  std::int64_t process_;
  Rng rng_;
  std::int64_t values_ = 0;
};

// Parameters with a range; the error quotes the name and the range.
[[nodiscard]] Result<std::int64_t> integer_in(const Params& params, std::string_view name,
                                              std::int64_t least, std::int64_t most);
[[nodiscard]] Result<std::uint16_t> port_of(const Params& params, std::string_view name);

class WorkloadProcess {
 public:
  WorkloadProcess() = default;
  WorkloadProcess(const WorkloadProcess&) = delete;
  WorkloadProcess& operator=(const WorkloadProcess&) = delete;
  virtual ~WorkloadProcess() = default;
  // One operation, or one short series of them, again and again while the run lasts.
  virtual void step() = 0;
  // After the run: final operations, bounded in time.
  virtual void finish() {}
};

class OpenLoop;

// A kind of client: its row, and how it is made (which may take a while, before the client says
// that it is ready): one process after the other, or all of the client's at once.
struct ClientProgram {
  ClientRow row;
  Result<std::unique_ptr<WorkloadProcess>> (*make)(ProcessContext& context) = nullptr;
  // What it is given outlives it.
  Result<std::unique_ptr<OpenLoop>> (*make_open_loop)(const ClientConfig& config,
                                                      const Params& params,
                                                      RecorderWriter& recorder) = nullptr;
};
[[nodiscard]] const ClientProgram& etcd_program();
[[nodiscard]] const ClientProgram& etcd_lock_program();
[[nodiscard]] const ClientProgram& redis_program();
[[nodiscard]] const ClientProgram& external_program();
[[nodiscard]] const ClientProgram& inference_program();
[[nodiscard]] const ClientProgram& ledger_program();

}  // namespace squall
