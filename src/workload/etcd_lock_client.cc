// The client `etcd-lock`: a lock by a key under a lease, the way it is widely done, and the writes
// that it is meant to protect.
//
//   grant lease ─▶ acquire ─▶ write, write, … (hold) ─▶ release ─▶ revoke
//                             └ keep the lease, now and then
//
// The section does not look at the lease: a process that is paused for longer than its lease wakes
// up in the middle of it and writes, because nothing has told it otherwise.  That is the bug that
// this client shows, and `guard: revision` is its remedy.
#include <algorithm>

#include "workload/etcd_session.h"

namespace squall {
namespace {

constexpr ParamSpec kParams[] = {
    {"lease", ParamType::kDuration, "2s", "of the lock, whole seconds, 1s to 1h", ""},
    {"hold", ParamType::kDuration, "1s", "how long the section is, counted in writes", ""},
    {"write-every", ParamType::kDuration, "100ms", "pause before each write of the section", ""},
    {"guard", ParamType::kChoice, "none",
     "revision: a write is done only while the lock is still the key that this holder created",
     "none|revision"},
    {"timeout", ParamType::kDuration, "1s", "how long an operation may take", ""},
    {"every", ParamType::kDuration, "50ms", "pause before the next try to acquire", ""},
    {"lock", ParamType::kText, "lock", "name of the lock, a key in etcd", ""},
    {"port", ParamType::kInteger, "2379", "of etcd's clients, 1 to 65535", ""},
};

constexpr const char* kSection = "section";

Result<Answer> accept(const std::string& body) {
  (void)TRY(etcd::read_txn(body));
  return ok();
}

class LockProcess : public WorkloadProcess {
 public:
  LockProcess(ProcessContext& context, std::uint16_t port)
      : context_(context),
        session_(context.config().endpoints, port),
        lock_(context.params().text("lock")),
        lease_length_(context.params().duration("lease")),
        is_guarded_(context.params().text("guard") == "revision") {}

  void step() override {
    std::int64_t revision = 0;
    const Answer answer =
        context_.perform("acquire", key_json(), "", [&] { return acquire(revision); });
    if (answer.kind != RecordedEvent::Kind::kOk) {
      // It may be ours under this lease after all.  Without the lease it goes away by itself.
      if (answer.kind == RecordedEvent::Kind::kInfo) drop_lease();
      keep_lease_if_due();
      (void)context_.pause(context_.params().duration("every"));
      return;
    }
    log("acquired", revision);
    work(revision);
    release(revision);
    drop_lease();
    (void)context_.pause(context_.params().duration("every"));
  }

 private:
  [[nodiscard]] std::string key_json() const { return "\"" + lock_ + "\""; }

  void log(const char* what, std::int64_t revision) const {
    context_.log(std::string(what) + " lock=" + lock_ + " process=" +
                 std::to_string(context_.process()) + " revision=" + std::to_string(revision));
  }

  Answer acquire(std::int64_t& revision) {
    const MonoTime deadline = context_.deadline();
    if (lease_ == 0) {
      const Answer granted = grant(deadline);
      // Whatever became of the lease, the lock was not touched.
      if (granted.kind != RecordedEvent::Kind::kOk) return fail("grant a lease: " + granted.error);
    }
    const Answer answer = session_.perform(
        etcd::put_if_absent(lock_, std::to_string(context_.process()), lease_), HasEffect::kTrue,
        deadline, [&](const std::string& body) -> Result<Answer> {
          const etcd::TxnAnswer txn = TRY(etcd::read_txn(body));
          if (!txn.is_done) return negative("held");
          revision = txn.revision;
          return ok(std::to_string(txn.revision));
        });
    const bool is_lease_gone = answer.error.ends_with("requested lease not found");
    if (is_lease_gone) lease_ = 0;
    return answer;
  }

  Answer grant(MonoTime deadline) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lease_length_).count();
    return session_.perform(etcd::grant_lease(seconds), HasEffect::kTrue, deadline,
                            [&](const std::string& body) -> Result<Answer> {
                              lease_ = TRY(etcd::read_lease(body));
                              kept_ = system_clock().mono();
                              return ok();
                            });
  }

  // Counted in writes, not in time: after a pause the rest of the section still lies ahead.
  void work(std::int64_t revision) {
    const Duration every = context_.params().duration("write-every");
    const std::int64_t writes =
        std::max<std::int64_t>(1, context_.params().duration("hold") / every);
    for (std::int64_t i = 0; i < writes; ++i) {
      if (!context_.pause(every)) return;
      if (!write(revision)) {
        log("fenced", revision);
        return;
      }
      keep_lease_if_due();
    }
  }

  // False: the guard says that the lock is no longer ours.
  bool write(std::int64_t revision) {
    const std::string value = std::to_string(revision);
    bool is_fenced = false;
    const auto judge = [&](const std::string& body) -> Result<Answer> {
      is_fenced = !TRY(etcd::read_txn(body)).is_done;
      return is_fenced ? negative("fenced") : ok();
    };
    (void)context_.perform("write", "\"section\"", value, [&] {
      if (!is_guarded_) {
        return session_.perform(etcd::put(kSection, value), HasEffect::kTrue, context_.deadline(),
                                accept);
      }
      return session_.perform(etcd::put_if_created(lock_, revision, kSection, value),
                              HasEffect::kTrue, context_.deadline(), judge);
    });
    return !is_fenced;
  }

  void release(std::int64_t revision) {
    (void)context_.perform("release", key_json(), std::to_string(revision), [&] {
      return session_.perform(etcd::delete_if_created(lock_, revision), HasEffect::kTrue,
                              context_.deadline(), [](const std::string& body) -> Result<Answer> {
                                const etcd::TxnAnswer txn = TRY(etcd::read_txn(body));
                                return txn.is_done ? ok() : negative("lost");
                              });
    });
    log("released", revision);
  }

  // What comes back is not looked at: the lease may be gone, and the section goes on.
  void keep_lease_if_due() {
    const MonoTime now = system_clock().mono();
    if (lease_ == 0 || now - kept_ < lease_length_ / 3) return;
    kept_ = now;
    (void)session_.perform(etcd::keep_lease(lease_), HasEffect::kTrue, context_.deadline(),
                           [](const std::string&) -> Result<Answer> { return ok(); });
  }

  // Nothing to do where it fails: the lease ends by itself.
  void drop_lease() {
    if (lease_ == 0) return;
    (void)session_.perform(etcd::revoke_lease(lease_), HasEffect::kTrue, context_.deadline(),
                           [](const std::string&) -> Result<Answer> { return ok(); });
    lease_ = 0;
  }

  ProcessContext& context_;
  EtcdSession session_;
  std::string lock_;
  Duration lease_length_;
  bool is_guarded_;
  std::int64_t lease_ = 0;  // 0: none
  MonoTime kept_{};
};

Result<std::unique_ptr<WorkloadProcess>> make(ProcessContext& context) {
  const Params& params = context.params();
  const Duration lease = params.duration("lease");
  const bool is_whole = lease % std::chrono::seconds(1) == Duration::zero();
  if (!is_whole || lease < std::chrono::seconds(1) || lease > std::chrono::hours(1)) {
    return Error{Errc::kInvalid,
                 "'lease' is " + to_text(lease) + ": etcd counts whole seconds, from 1s to 1h"};
  }
  if (params.duration("write-every") < std::chrono::milliseconds(1)) {
    return Error{Errc::kInvalid, "'write-every' is under 1ms"};
  }
  const std::string& lock = params.text("lock");
  const bool is_plain =
      !lock.empty() && lock != kSection &&
      lock.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_./") == std::string::npos;
  if (!is_plain) {
    return Error{Errc::kInvalid, "'lock' is '" + lock +
                                     "': lower-case letters, digits and -_./ make a name, and "
                                     "'section' is taken"};
  }
  const std::uint16_t port = TRY(port_of(params, "port"));
  return std::unique_ptr<WorkloadProcess>(std::make_unique<LockProcess>(context, port));
}

constexpr std::string_view kExplain =
    "Each process is an operating-system process of its own, so that a fault can hit the holder. "
    "It "
    "grants itself a lease, acquires the lock by creating its key under the lease, writes the key "
    "'section' while it holds, keeps the lease alive in between, and releases. The value of an "
    "acquire is the lock's create revision (a fencing token), and the section's writes carry it. "
    "With 'guard: none' a write is a plain put; with 'guard: revision' it is a transaction that "
    "compares the lock's create revision, fails with 'answer: fenced' where the lock is another "
    "holder's by now, and ends the section. A lock that somebody holds is 'answer: held'; a "
    "release "
    "of one that is no longer ours 'answer: lost'. The section never looks at the lease.";

}  // namespace

const ClientProgram& etcd_lock_program() {
  static const ClientProgram program{.row = {.kind = "etcd-lock",
                                             .help = "a lock under a lease in etcd v3, and the "
                                                     "writes that it protects",
                                             .explain = kExplain,
                                             .params = kParams,
                                             .is_isolated = true},
                                     .make = make};
  return program;
}

}  // namespace squall
