// Measuring work in a process of its own: the median of its repetitions and its peak memory.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace squall::bench {

constexpr int kRepeats = 9;
constexpr double kMillisecond = 1e-3;

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <typename Body>
double timed(Body&& body) {
  const double from = now();
  body();
  return now() - from;
}

// What all threads of this process have computed; on a busy machine it says more than the clock.
inline double processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

inline double median_of(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all.empty() ? 0 : all[all.size() / 2];
}

// What a row's process says of each repetition, and what went wrong ("" if nothing).
struct Measured {
  std::vector<double> seconds;
  std::vector<double> processor;
  std::string trouble;
  double mebibytes = 0;
  [[nodiscard]] double median() const { return median_of(seconds); }
};

// A repetition: seconds that count; sets `trouble` where the answer is not the right one.
using Repetition = std::function<double(std::string& trouble)>;
// Loads what is needed, then gives the repetition.
using Work = std::function<Repetition()>;

// One text for a pipe: the count, pairs of seconds, and the trouble in the rest.
inline std::string describe(const Measured& measured) {
  std::ostringstream text;
  text.precision(17);
  text << measured.processor.size() << '\n';
  for (std::size_t i = 0; i < measured.processor.size(); ++i) {
    text << measured.seconds[i] << ' ' << measured.processor[i] << '\n';
  }
  text << measured.trouble;
  return text.str();
}

inline Measured parse_measured(const std::string& text) {
  std::istringstream stream(text);
  Measured measured;
  std::size_t count = 0;
  if (!(stream >> count)) measured.trouble = "the process died";
  for (std::size_t i = 0; i < count; ++i) {
    stream >> measured.seconds.emplace_back() >> measured.processor.emplace_back();
  }
  stream.ignore(1, '\n');
  if (stream) std::getline(stream, measured.trouble, '\0');
  return measured;
}

inline void run_child(int out, const Work& work, int repeats) {
  Measured measured;
  const Repetition repetition = work();
  if (repetition) {
    (void)repetition(measured.trouble);  // the first one warms up
    for (int i = 0; i < repeats && measured.trouble.empty(); ++i) {
      const double before = processor_time();
      measured.seconds.push_back(repetition(measured.trouble));
      measured.processor.push_back(processor_time() - before);
    }
  } else {
    measured.trouble = "SQUALL_HISTORIES is not set";
  }
  const std::string text = describe(measured);
  const ssize_t written = ::write(out, text.data(), text.size());
  std::_Exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

inline Measured in_process(const Work& work, int repeats = kRepeats) {
  int ends[2];
  if (::pipe(ends) != 0) std::abort();
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    run_child(ends[1], work, repeats);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  rusage usage{};
  int status = 0;
  ::wait4(child, &status, 0, &usage);
  Measured measured = parse_measured(text);
  measured.mebibytes = static_cast<double>(usage.ru_maxrss) / 1024;
  return measured;
}

}  // namespace squall::bench
