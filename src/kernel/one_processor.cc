// sched_setaffinity(2).
#include "kernel/one_processor.h"

#include <sched.h>

#include <cstddef>

#include "kernel/process.h"

namespace squall {
namespace {

void put_on(pid_t thread, int processor) {
  if (processor < 0 || processor >= CPU_SETSIZE) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(processor), &one);
  (void)::sched_setaffinity(thread, sizeof one, &one);
}

}  // namespace

std::vector<int> allowed_processors() {
  std::vector<int> numbers;
  cpu_set_t all;
  CPU_ZERO(&all);
  if (::sched_getaffinity(0, sizeof all, &all) != 0) return numbers;
  for (int number = 0; number < CPU_SETSIZE; ++number) {
    if (CPU_ISSET(static_cast<std::size_t>(number), &all)) numbers.push_back(number);
  }
  return numbers;
}

void stay_on_processor(int processor) {
  put_on(0, processor);
}

void move_to_processor(pid_t pid, int processor) {
  for (const pid_t thread : threads_of(pid).value_or({})) put_on(thread, processor);
}

}  // namespace squall
