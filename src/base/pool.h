// A pool of threads for work that falls into independent parts.  What it computes must not depend
// on how many threads there are: parts write to places of their own, and the caller merges them in
// order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace squall {

class Pool {
 public:
  // `threads` in all, the caller's own included; 0 is taken for 1.
  explicit Pool(unsigned threads);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  // Calls part(0) … part(count - 1), each once, in any order and on any thread, and returns when
  // all have returned.  One call at a time; parts must not call it again.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& part);
  [[nodiscard]] unsigned threads() const { return static_cast<unsigned>(workers_.size()) + 1; }

 private:
  void work();
  void take_parts(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  const std::function<void(std::size_t)>* part_ = nullptr;  // null: nothing to do
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::size_t running_ = 0;  // parts that have begun and not ended
  bool is_over_ = false;
  std::vector<std::thread> workers_;
};

// On the pool, or one after the other where there is none.
void for_each(Pool* pool, std::size_t count, const std::function<void(std::size_t)>& part);

}  // namespace squall
