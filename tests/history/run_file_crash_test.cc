// What the run file survives: the death of its writer, a full disk, a folder that is read-only.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "base/fd.h"
#include "base/files.h"
#include "history/run_file.h"
#include "tests/history/temporary_folder.h"

namespace squall {
namespace {

constexpr int kFlushRows = 500;

struct Growing {
  Growing() {
    history.add_process({.client = "kv", .id = 0});
    function = history.functions().intern("add");
  }
  void grow(int rows) {
    for (int i = 0; i < rows; ++i) {
      const auto n = static_cast<std::int64_t>(history.size());
      history.append({.scheduled = n * 1000,
                      .sent = n * 1000,
                      .completed = n * 1000 + 500,
                      .process = 0,
                      .function = function,
                      .outcome = Outcome::kOk,
                      .value = history.values().integer(n)});
    }
  }
  History history;
  FunctionId function = 0;
};

struct Child {
  pid_t pid = -1;
  Fd progress;  // one byte for each flush
};

// Runs `body` in a child, which never returns into the test.
Child fork_child(const std::function<void(int progress)>& body) {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  Fd reading(ends[0]);
  Fd writing(ends[1]);
  const pid_t pid = ::fork();
  if (pid == 0) {
    body(writing.get());
    ::_exit(0);
  }
  return {pid, std::move(reading)};
}

int wait_for(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

// Writes and flushes without end.
void write_forever(const std::string& path, int progress) {
  Result<RunFileWriter> writer = RunFileWriter::create(path);
  if (!writer.ok()) ::_exit(1);
  Growing growing;
  for (;;) {
    const auto from = static_cast<OpIndex>(growing.history.size());
    growing.grow(kFlushRows);
    writer->add_operations(growing.history, from);
    if (!writer->flush().ok()) ::_exit(2);
    if (::write(progress, ".", 1) != 1) ::_exit(3);
  }
}

// Kills the writer in the middle of whatever it does after `flushes` flushes.
void kill_after(const std::string& path, int flushes) {
  const Child child = fork_child([&path](int progress) { write_forever(path, progress); });
  char byte = 0;
  for (int i = 0; i < flushes; ++i) ASSERT_EQ(::read(child.progress.get(), &byte, 1), 1);
  ASSERT_EQ(::kill(child.pid, SIGKILL), 0);
  const int status = wait_for(child.pid);
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
}

void expect_whole_flushes(const Recording& recording, int at_least) {
  const History& history = recording.history;
  EXPECT_GE(history.size(), static_cast<std::size_t>(at_least) * kFlushRows);
  EXPECT_EQ(history.size() % kFlushRows, 0U) << "half a flush";
  for (OpIndex i = 0; i < history.size(); ++i) {
    ASSERT_EQ(history.values().as_integer(history.value()[i]), i);
  }
}

TEST(RunFileCrash, EveryFlushBeforeASigkillIsRead) {
  for (const int flushes : {1, 2, 3, 5, 8, 13, 21, 40}) {
    const TestFolder folder;
    const std::string path = folder / "a.squall";
    kill_after(path, flushes);
    const Result<Recording> recording = read_run_file(path);
    ASSERT_TRUE(recording.ok()) << recording.error().what;
    expect_whole_flushes(*recording, flushes);
    EXPECT_FALSE(std::filesystem::exists(path + "-wal")) << "not folded";
    expect_whole_flushes(*read_run_file(path), flushes);
  }
}

// Becomes somebody who may not write into `folder`; false where this cannot be arranged.
bool enter_as_stranger(const std::string& folder) {
  if (::chmod(folder.c_str(), 0555) != 0) return false;
  if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return false;
  return ::access(folder.c_str(), W_OK) != 0;
}

void expect_readable_by_a_stranger(const std::string& folder, const std::string& path,
                                   int flushes) {
  const Child child = fork_child([&](int progress) {
    if (!enter_as_stranger(folder)) ::_exit(77);
    const Result<Recording> recording = read_run_file(path);
    const std::string seen =
        recording.ok() ? std::to_string(recording->history.size()) : recording.error().what;
    (void)!::write(progress, seen.data(), seen.size());
  });
  std::string seen(1000, '\0');
  const ssize_t count = ::read(child.progress.get(), seen.data(), seen.size());
  const int status = wait_for(child.pid);
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "cannot become somebody who may not write";
  seen.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  EXPECT_GE(std::atoi(seen.c_str()), flushes * kFlushRows) << seen;
}

TEST(RunFileCrash, IsReadInAReadOnlyFolderWithItsWal) {
  const TestFolder folder;
  const std::string path = folder / "a.squall";
  kill_after(path, 3);
  std::filesystem::remove(path + "-shm");
  expect_readable_by_a_stranger(folder.path(), path, 3);
}

TEST(RunFileCrash, IsReadInAReadOnlyFolderWhenOnlyTheMainFileWasCopied) {
  const TestFolder folder;
  const std::string path = folder / "a.squall";
  Result<RunFileWriter> writer = RunFileWriter::create(path);
  Growing growing;
  growing.grow(kFlushRows);
  writer->add_operations(growing.history, 0);
  ASSERT_TRUE(writer->flush().ok());
  const TestFolder other;  // still in WAL mode by its header, but without a -wal
  std::filesystem::copy_file(path, other / "b.squall");
  ASSERT_TRUE(writer->close().ok());
  expect_readable_by_a_stranger(other.path(), other / "b.squall", 1);
}

// The largest file that a process may write stands for the size of the disk.
void write_until_full(const std::string& path, int progress) {
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {.rlim_cur = 600'000, .rlim_max = RLIM_INFINITY};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(77);
  Result<RunFileWriter> writer = RunFileWriter::create(path);
  if (!writer.ok()) ::_exit(1);
  Growing growing;
  std::size_t committed = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto from = static_cast<OpIndex>(growing.history.size());
    growing.grow(kFlushRows);
    writer->add_operations(growing.history, from);
    const Result<> flushed = writer->flush();
    if (flushed.ok()) {
      committed = growing.history.size();
      continue;
    }
    const std::string seen = std::to_string(committed) + " " + flushed.error().what;
    (void)!::write(progress, seen.data(), seen.size());
    // Somebody frees space, and the next flush brings what the failed one could not.
    const rlimit more = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    const bool is_freed = ::setrlimit(RLIMIT_FSIZE, &more) == 0;
    const Result<Recording> before = read_run_file(path);
    if (!before.ok() || before->history.size() < committed) ::_exit(4);
    if (!is_freed || !writer->close().ok()) ::_exit(5);
    const Result<Recording> after = read_run_file(path);
    if (!after.ok() || after->history.size() != growing.history.size()) ::_exit(6);
    ::_exit(0);
  }
  ::_exit(7);
}

TEST(RunFileCrash, AFullDiskIsSaidAndWhatWasCommittedStaysReadable) {
  const TestFolder folder;
  const std::string path = folder / "a.squall";
  const Child child = fork_child([&path](int progress) { write_until_full(path, progress); });
  std::string seen(1000, '\0');
  const ssize_t count = ::read(child.progress.get(), seen.data(), seen.size());
  const int status = wait_for(child.pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "no limit on file sizes";
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
  seen.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  EXPECT_GT(std::atoi(seen.c_str()), 0) << "nothing had been committed";
  EXPECT_EQ(seen.substr(seen.find(' ') + 1),
            "write " + path +
                ": File too large; free some space or choose another place with --out (what was "
                "committed before stays readable)");
}

}  // namespace
}  // namespace squall
