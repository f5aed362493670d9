// The client `external`: a program of the user's performs the operations, one instance for each
// process, over JSON lines.  What it leaves unanswered is info, and a fresh instance takes over.
#include "history/utf8.h"
#include "workload/external_protocol.h"
#include "workload/key_rotation.h"
#include "workload/line_program.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {
    {"command", ParamType::kText, kRequired,
     "the program and its arguments: words, or a JSON list of texts", ""},
    {"workload", ParamType::kChoice, "set",
     "set: add, read; register: read, write, cas on rotating keys", "set|register"},
    {"timeout", ParamType::kDuration, "1s", "how long an operation may take", ""},
    {"start-within", ParamType::kDuration, "10s",
     "how long the program may take until it has answered init", ""},
    {"every", ParamType::kDuration, "20ms", "pause of a process between two operations", ""},
    {"read-every", ParamType::kDuration, "5s", "set: between two reads of it; 0s: only at the end",
     ""},
    {"final-within", ParamType::kDuration, "20s", "set: how long the final read is tried again",
     ""},
    {"reads", ParamType::kPercent, "50%", "register: share of reads", ""},
    {"cas", ParamType::kPercent, "20%",
     "register: share of compare-and-sets; what reads and these leave are writes", ""},
    {"keys", ParamType::kInteger, "3", "register: keys in use at a time, 1 to 1000", ""},
    {"ops-per-key", ParamType::kInteger, "300",
     "register: operations until a key is left for a fresh one, 1 to 1000000000", ""},
    {"keyspace", ParamType::kText, "", "register: prefix of the keys; the entry's name by default",
     ""},
};

constexpr Duration kFinalRetry = std::chrono::milliseconds(200);
constexpr Duration kLook = std::chrono::milliseconds(50);  // at the command, while one starts

class ExternalProcess : public WorkloadProcess {
 public:
  ExternalProcess(ProcessContext& context, std::vector<std::string> command,
                  const KeyRotation::Shape& shape)
      : context_(context),
        command_(std::move(command)),
        rotation_(shape, context.process()),
        is_set_(context.params().text("workload") == "set"),
        prefix_(context.params().text("keyspace")),
        last_read_(system_clock().mono()) {
    if (prefix_.empty()) prefix_ = context.config().name;
  }

  // Returns when the program has said that it is ready: an operation's time is not for the start
  // of an interpreter.
  Result<> start() {
    const MonoTime give_up = system_clock().mono() + context_.params().duration("start-within");
    program_.emplace(TRY(LineProgram::start(command_)));
    const std::string init = external::init_line(context_.config(), context_.process(),
                                                 context_.params().text("workload"));
    (void)TRY(program_->send(init, give_up));
    const std::string first = TRY(receive_first(give_up));
    (void)TRY(external::read_ready(first));
    if (is_finishing_) return program_->send(external::finish_line(), give_up);
    return {};
  }

  void step() override {
    if (is_set_) {
      step_set();
    } else {
      step_register();
    }
    (void)context_.pause(context_.params().duration("every"));
  }

  void finish() override {
    is_finishing_ = true;
    if (program_) (void)program_->send(external::finish_line(), context_.deadline());
    const MonoTime end = system_clock().mono() + context_.params().duration("final-within");
    while (is_set_ && system_clock().mono() < end) {
      if (call("read", "", "").kind == RecordedEvent::Kind::kOk) break;
      if (!context_.pause(kFinalRetry, ClientCommand::kFinish)) break;
    }
    program_.reset();  // its input ends, and it may end by itself
  }

 private:
  void step_set() {
    const Duration read_every = context_.params().duration("read-every");
    const MonoTime now = system_clock().mono();
    if (read_every > Duration::zero() && now - last_read_ >= read_every) {
      last_read_ = now;
      (void)call("read", "", "");
    } else {
      (void)call("add", "", std::to_string(context_.unique_value()));
    }
  }

  void step_register() {
    std::string key;
    append_json_string(prefix_ + "/" + std::to_string(rotation_.next()), key);
    if (key != last_key_) known_.clear();
    last_key_ = key;
    const double draw = context_.rng().unit();
    const double reads = context_.params().percent("reads");
    if (draw < reads) {
      const Answer answer = call("read", key, "");
      if (answer.kind == RecordedEvent::Kind::kOk) known_ = answer.value;
      return;
    }
    const std::string value = std::to_string(context_.unique_value());
    const bool is_cas = draw < reads + context_.params().percent("cas") && !known_.empty();
    const std::string argument = is_cas ? "[" + known_ + "," + value + "]" : value;
    const Answer answer = call(is_cas ? "cas" : "write", key, argument);
    known_ = answer.kind == RecordedEvent::Kind::kOk ? value : "";
  }

  // Looks at the command now and then: the run may be over before the program is ready.
  Result<std::string> receive_first(MonoTime give_up) {
    const ClientCommand command = context_.command();
    while (true) {
      const MonoTime now = system_clock().mono();
      Result<std::string> line = program_->receive(std::min(give_up, now + kLook));
      if (line.ok() || line.error().code != Errc::kTimeout) return line;
      if (now >= give_up) {
        return Error{Errc::kTimeout, R"(it did not answer init with {"ready":true} in time)"};
      }
      if (context_.command() != command) return Error{Errc::kTimeout, "the run was over first"};
    }
  }

  Result<> have_program() {
    if (program_ && !program_->is_quiet()) replace("it ended, or spoke unasked");
    if (program_) return {};
    Result<> started = start();
    if (!started.ok() && program_) replace(started.error().what);
    return started;
  }

  Answer call(std::string_view function, const std::string& key, const std::string& value) {
    const Result<> ready = have_program();
    return context_.perform(function, key, value, [&] {
      if (!ready.ok()) return fail("start the program: " + ready.error().what);
      return exchange(function, key, value, context_.deadline());
    });
  }

  Answer exchange(std::string_view function, const std::string& key, const std::string& value,
                  MonoTime deadline) {
    const external::Call call{.id = ++last_id_,
                              .function = function,
                              .key = key,
                              .value = value,
                              .timeout = context_.params().duration("timeout")};
    // The program is given its time out first, so that it can say more than we know.
    const MonoTime patience = deadline + kPatience;
    const Result<> sent = program_->send(external::call_line(call), patience);
    if (!sent.ok() && !program_->is_sent()) {
      replace(sent.error().what);
      return fail(sent.error().what);
    }
    const Result<std::string> line =
        sent.ok() ? program_->receive(patience) : Result<std::string>(sent.error());
    const Result<Answer> answer =
        line.ok() ? external::read_answer(*line, call.id, function) : Result<Answer>(line.error());
    if (answer.ok()) return *answer;
    replace(answer.error().what);
    return function == "read" ? fail(answer.error().what) : info(answer.error().what);
  }

  // What it may still be doing is its own; it hears nothing more from us.
  void replace(const std::string& why) {
    context_.log("external: the program of process " + std::to_string(context_.process()) + ": " +
                 why + "; a fresh one takes over");
    program_->kill();
    program_.reset();
  }

  static constexpr Duration kPatience = std::chrono::milliseconds(100);

  ProcessContext& context_;
  std::vector<std::string> command_;
  KeyRotation rotation_;
  bool is_set_;
  std::string prefix_;
  MonoTime last_read_;
  std::optional<LineProgram> program_{};
  bool is_finishing_ = false;
  std::int64_t last_id_ = 0;
  std::string last_key_{};
  std::string known_{};  // JSON: the value of last_key_ that we know last; "": none
};

Result<std::unique_ptr<WorkloadProcess>> make(ProcessContext& context) {
  const Params& params = context.params();
  std::vector<std::string> command = TRY(external::parse_command(params.text("command")));
  if (params.percent("reads") + params.percent("cas") > 1.0 + 1e-9) {
    return Error{Errc::kInvalid, "'reads' and 'cas' are over 100% together"};
  }
  const KeyRotation::Shape shape{
      .keys = TRY(integer_in(params, "keys", 1, 1000)),
      .operations_per_key = TRY(integer_in(params, "ops-per-key", 1, 1'000'000'000)),
      .processes = context.config().process_count};
  auto process = std::make_unique<ExternalProcess>(context, std::move(command), shape);
  (void)TRY(process->start());
  return std::unique_ptr<WorkloadProcess>(std::move(process));
}

constexpr std::string_view kExplain =
    "Runs a program of yours, one instance for each process, which gets one JSON object a line on "
    "standard input and answers one on standard output: first {\"init\": {…}} with the endpoints, "
    "answered by {\"ready\":true} within `start-within`, then calls such as "
    "{\"id\":1,\"f\":\"add\",\"v\":12,\"timeout_ms\":1000}, answered by "
    "{\"id\":1,\"type\":\"ok\"} (or fail, or info, with \"error\"), and {\"finish\":true} before "
    "the "
    "final reads. A call that it leaves unanswered for `timeout` (and a tenth of a second), an "
    "answer that is none, and its end during a call are info (fail for a read), and a fresh "
    "instance "
    "takes over. An error that starts with 'answer: ' is a working system's no.";

}  // namespace

const ClientProgram& external_program() {
  static const ClientProgram program{.row = {.kind = "external",
                                             .help = "a program of yours that speaks JSON lines",
                                             .explain = kExplain,
                                             .params = kParams},
                                     .make = make};
  return program;
}

}  // namespace squall
