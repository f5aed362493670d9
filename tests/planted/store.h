// The planted stack's store: registers with compare-and-set, a set in a journal, a lease with a
// fencing token.  Two bugs can be switched on.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"
#include "tests/planted/line_socket.h"

namespace squall::planted {

struct StoreOptions {
  Address at;
  std::string journal{};  // a path; what it holds survives the process
  // Compares under the lock, lets go of it to work on its audit record, and sets under the lock
  // again: two that compared the same value both succeed.
  bool has_cas_race = false;
  // Acknowledges an add before it is in the journal: a crash in between loses it.
  bool has_early_reply = false;
  // Takes a save whatever its token: whoever held the lease once may overwrite who holds it now.
  bool has_no_fencing = false;
  long rounds = 1000;  // of work, inside the windows of the first two
};

class Store {
 public:
  static Result<Store*> open(const StoreOptions& options);

  // get KEY | set KEY V | cas KEY A B | add N | all
  // lease OWNER MS | load | save TOKEN N,N,…
  [[nodiscard]] Reply answer(const std::string& line);

 private:
  explicit Store(const StoreOptions& options) : options_(options) {}
  Result<> read_journal();
  [[nodiscard]] Reply get(const std::string& key);
  [[nodiscard]] Reply set(const std::string& key, const std::string& value);
  [[nodiscard]] Reply compare_and_set(const std::string& key, const std::string& old_value,
                                      const std::string& new_value);
  [[nodiscard]] Reply add(const std::string& element);
  [[nodiscard]] Reply lease(const std::string& owner, Duration length);
  [[nodiscard]] Reply save(std::int64_t token, const std::string& document);
  [[nodiscard]] bool has_value(const std::string& key, const std::string& value);
  void append(const std::string& element);
  [[nodiscard]] std::string audit(const std::string& record) const;

  const StoreOptions options_;
  Fd journal_{};
  std::mutex mutex_{};  // everything below
  std::map<std::string, std::string> registers_{};
  std::string audit_trail_{};
  std::string elements_{};  // "1,2,3"
  std::string owner_{};
  MonoTime lease_until_{};
  std::int64_t token_ = 0;
  std::string document_{};
};

[[nodiscard]] Result<> run_store(const StoreOptions& options);

}  // namespace squall::planted
