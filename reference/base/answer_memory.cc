// Answers by key, forgotten in the order of their time.
#include "reference/base/answer_memory.h"

#include <utility>

#include "base/check.h"
#include "reference/base/json_text.h"

namespace squall::reference {

AnswerMemory::Claim AnswerMemory::claim(const std::string& key, std::size_t fingerprint,
                                        MonoTime now, const Waiter& waiter) {
  forget(now);
  const auto [at, is_new] = entries_.try_emplace(key);
  Entry& entry = at->second;
  if (is_new) entry.fingerprint = fingerprint;
  if (entry.fingerprint != fingerprint) return Claim::kMisused;
  if (is_new || entry.state == State::kReleased) {
    entry.state = State::kRunning;
    return Claim::kFirst;
  }
  if (entry.state == State::kRunning) {
    entry.waiters.push_back(waiter);
    return Claim::kJoined;
  }
  waiter(entry.answer);
  return Claim::kAnswered;
}

void AnswerMemory::finish(const std::string& key, State state, const HttpResponse& answer,
                          MonoTime now) {
  const auto found = entries_.find(key);
  CHECK(found != entries_.end());
  Entry& entry = found->second;
  entry.state = state;
  entry.until = now + kKept;
  if (state == State::kSettled) entry.answer = answer;
  expiries_.emplace_back(entry.until, key);
  // A waiter may come back to us.
  const std::vector<Waiter> waiters = std::exchange(entry.waiters, {});
  for (const Waiter& waiter : waiters) waiter(answer);
}

void AnswerMemory::settle(const std::string& key, const HttpResponse& answer, MonoTime now) {
  finish(key, State::kSettled, answer, now);
}

void AnswerMemory::release(const std::string& key, const HttpResponse& answer,
                           const std::string& replica, MonoTime now) {
  const auto found = entries_.find(key);
  CHECK(found != entries_.end());
  if (!replica.empty()) found->second.replica = replica;
  finish(key, State::kReleased, answer, now);
}

std::string AnswerMemory::replica_of(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? std::string() : found->second.replica;
}

// A key that was released and claimed again has several expiries; the last one counts.
void AnswerMemory::forget(MonoTime now) {
  while (!expiries_.empty() && (expiries_.front().first <= now || expiries_.size() > kMaxKeys)) {
    const auto [until, key] = std::move(expiries_.front());
    expiries_.pop_front();
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.state == State::kRunning) continue;
    if (found->second.until == until) entries_.erase(found);
  }
}

std::size_t Ledger::count(const std::string& key) {
  const auto [at, is_new] = counts_.try_emplace(key, 0);
  const std::size_t now = ++at->second;
  if (is_new) order_.push_back(key);
  if (order_.size() > kMaxKeys) {
    counts_.erase(order_.front());
    order_.pop_front();
  }
  return now;
}

std::string Ledger::to_json() const {
  std::string text = R"({"counts":{)";
  for (const auto& [key, times] : counts_) {
    if (text.back() != '{') text += ',';
    append_json(text, key);
    text += ':' + std::to_string(times);
  }
  return text + "}}";
}

}  // namespace squall::reference
