// Workers that take the next part until none is left.
#include "base/pool.h"

namespace squall {

Pool::Pool(unsigned threads) {
  for (unsigned i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Pool::for_each(std::size_t count, const std::function<void(std::size_t)>& part) {
  std::unique_lock lock(mutex_);
  part_ = &part;
  next_ = 0;
  count_ = count;
  wake_.notify_all();
  take_parts(lock);
  idle_.wait(lock, [this] { return running_ == 0; });
  part_ = nullptr;
}

void Pool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return is_over_ || (part_ != nullptr && next_ < count_); });
    if (is_over_) return;
    take_parts(lock);
    if (running_ == 0) idle_.notify_all();
  }
}

void Pool::take_parts(std::unique_lock<std::mutex>& lock) {
  while (part_ != nullptr && next_ < count_) {
    const std::size_t index = next_++;
    const auto& part = *part_;
    ++running_;
    lock.unlock();
    part(index);
    lock.lock();
    --running_;
  }
}

void for_each(Pool* pool, std::size_t count, const std::function<void(std::size_t)>& part) {
  if (pool != nullptr) return pool->for_each(count, part);
  for (std::size_t i = 0; i < count; ++i) part(i);
}

}  // namespace squall
