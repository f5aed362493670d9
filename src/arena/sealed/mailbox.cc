// Plain memory; the head's numbers are atomic, since the host reads them while the machine runs.
#include "arena/sealed/mailbox.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace squall {
namespace {

constexpr std::size_t kRequestAt = std::size_t{1} << 20U;
constexpr std::size_t kRingAt = std::size_t{16} << 20U;
constexpr std::size_t kRingSize = std::size_t{1} << 20U;
constexpr std::size_t kResultAt = std::size_t{17} << 20U;

}  // namespace

struct Mailbox::Head {
  std::atomic<std::uint64_t> stage;
  std::atomic<std::uint64_t> heartbeat;
  std::atomic<std::uint64_t> virtual_time;
  std::atomic<std::uint64_t> told;  // bytes of progress in all
  std::atomic<std::uint64_t> request_size;
  std::atomic<std::uint64_t> result_size;
};

Mailbox::Head& Mailbox::head() const {
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  CHECK(bytes_.size() == kMailboxSize);
  return *reinterpret_cast<Head*>(bytes_.data());
}

Result<> Mailbox::put_request(std::string_view text) {
  if (text.size() > kMaxRequest) {
    return Error{Errc::kInvalid, "the scenario is over the machine's limit of 15 MiB"};
  }
  std::memcpy(&bytes_[kRequestAt], text.data(), text.size());
  head().request_size = text.size();
  return {};
}

std::string Mailbox::progress_since(std::uint64_t& told) const {
  const std::uint64_t now = head().told.load(std::memory_order_acquire);
  if (now < told || now - told > kRingSize) told = now - std::min<std::uint64_t>(now, kRingSize);
  std::string text;
  for (; told < now; ++told) text += static_cast<char>(bytes_[kRingAt + told % kRingSize]);
  return text;
}

Stage Mailbox::stage() const {
  return static_cast<Stage>(head().stage.load(std::memory_order_acquire));
}

std::uint64_t Mailbox::heartbeat() const {
  return head().heartbeat;
}

std::uint64_t Mailbox::virtual_time() const {
  return head().virtual_time;
}

Result<std::string> Mailbox::result() const {
  const std::uint64_t size = head().result_size;
  if (size > kMaxResult) return Error{Errc::kIo, "the machine's result has no sensible size"};
  return std::string(reinterpret_cast<const char*>(&bytes_[kResultAt]), size);
}

Result<std::string> Mailbox::request() const {
  const std::uint64_t size = head().request_size;
  if (size > kMaxRequest) return Error{Errc::kIo, "the request has no sensible size"};
  return std::string(reinterpret_cast<const char*>(&bytes_[kRequestAt]), size);
}

void Mailbox::tell(std::string_view text) {
  const std::uint64_t told = head().told;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bytes_[kRingAt + (told + i) % kRingSize] = static_cast<std::byte>(text[i]);
  }
  head().told.store(told + text.size(), std::memory_order_release);
}

void Mailbox::beat(std::uint64_t virtual_time) {
  head().virtual_time = virtual_time;
  ++head().heartbeat;
}

void Mailbox::put_result(Stage stage, std::string_view bytes) {
  CHECK(bytes.size() <= kMaxResult);
  std::memcpy(&bytes_[kResultAt], bytes.data(), bytes.size());
  head().result_size = bytes.size();
  set_stage(stage);
}

void Mailbox::set_stage(Stage stage) {
  head().stage.store(static_cast<std::uint64_t>(stage), std::memory_order_release);
}

}  // namespace squall
