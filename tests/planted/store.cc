// The store, with its bugs.
#include "tests/planted/store.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/files.h"
#include "tests/planted/work.h"

namespace squall::planted {
namespace {

void append_element(std::string& list, const std::string& element) {
  if (!list.empty()) list += ',';
  list += element;
}

Reply refuse(const std::string& line) {
  return {.line = "error what is '" + line + "'?"};
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

}  // namespace

Result<Store*> Store::open(const StoreOptions& options) {
  // Threads of connections use it until the process ends.
  auto* store = new Store(options);
  if (!options.journal.empty()) (void)TRY(store->read_journal());
  return store;
}

Result<> Store::read_journal() {
  journal_ = Fd(::open(options_.journal.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!journal_.is_open()) return errno_error("open " + options_.journal);
  const std::string text = TRY(read_file(options_.journal));
  for (const std::string& element : words_of(text)) append_element(elements_, element);
  return {};
}

Reply Store::answer(const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  if (words.empty()) return refuse(line);
  const std::string& verb = words[0];
  if (verb == "get" && words.size() == 2) return get(words[1]);
  if (verb == "set" && words.size() == 3) return set(words[1], words[2]);
  if (verb == "cas" && words.size() == 4) return compare_and_set(words[1], words[2], words[3]);
  if (verb == "add" && words.size() == 2) return add(words[1]);
  if (verb == "lease" && words.size() == 3) {
    return lease(words[1], std::chrono::milliseconds(std::stol(words[2])));
  }
  if (verb == "save" && words.size() == 3) return save(std::stol(words[1]), words[2]);
  const std::scoped_lock lock(mutex_);
  if (verb == "all") return {.line = "ok " + or_dash(elements_)};
  if (verb == "load") return {.line = "ok " + or_dash(document_)};
  return refuse(line);
}

Reply Store::get(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = registers_.find(key);
  return {.line = "ok " + (found == registers_.end() ? "null" : found->second)};
}

Reply Store::set(const std::string& key, const std::string& value) {
  const std::scoped_lock lock(mutex_);
  registers_[key] = value;
  return {.line = "ok"};
}

bool Store::has_value(const std::string& key, const std::string& value) {
  const auto found = registers_.find(key);
  return value == (found == registers_.end() ? "null" : found->second);
}

Reply Store::compare_and_set(const std::string& key, const std::string& old_value,
                             const std::string& new_value) {
  std::unique_lock lock(mutex_);
  if (!has_value(key, old_value)) return {.line = "mismatch"};
  if (options_.has_cas_race) lock.unlock();
  const std::string entry = audit(key + old_value + new_value);
  if (options_.has_cas_race) lock.lock();
  audit_trail_ = entry;
  registers_[key] = new_value;
  return {.line = "ok"};
}

void Store::append(const std::string& element) {
  const std::string entry = audit(element);
  const std::scoped_lock lock(mutex_);
  audit_trail_ = entry;
  const std::string text = element + "\n";
  // A memory file system takes it whole; a store that cannot write must not go on.
  CHECK(::write(journal_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  append_element(elements_, element);
}

Reply Store::add(const std::string& element) {
  if (options_.has_early_reply) {
    return {.line = "ok", .after = [this, element] { append(element); }};
  }
  append(element);
  return {.line = "ok"};
}

Reply Store::lease(const std::string& owner, Duration length) {
  const std::scoped_lock lock(mutex_);
  const MonoTime now = system_clock().mono();
  if (owner != owner_) {
    if (now < lease_until_) return {.line = "held"};
    owner_ = owner;
    ++token_;
  }
  lease_until_ = now + length;
  return {.line = "ok " + std::to_string(token_)};
}

Reply Store::save(std::int64_t token, const std::string& document) {
  const std::scoped_lock lock(mutex_);
  if (token < token_ && !options_.has_no_fencing) return {.line = "fenced"};
  document_ = document;
  return {.line = "ok"};
}

std::string Store::audit(const std::string& record) const {
  return checksum(record, options_.rounds);
}

Result<> run_store(const StoreOptions& options) {
  Store* store = TRY(Store::open(options));
  return serve(options.at, [store](const std::string& line) { return store->answer(line); });
}

}  // namespace squall::planted
