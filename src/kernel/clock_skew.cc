// Patches a process's vDSO with the cave, and keeps its clock page.
#include "kernel/clock_skew.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include "kernel/clock_page.h"
#include "kernel/remote_call.h"
#include "kernel/stopped_process.h"
#include "kernel/target_memory.h"
#include "kernel/vdso.h"
#include "kernel/vdso_cave.h"

namespace squall {
namespace {

// It stops as soon as it gets a processor, and a busy machine has many that want one.
constexpr Duration kStopPatience = std::chrono::milliseconds(500);
constexpr Duration kExecPatience = std::chrono::seconds(5);
constexpr std::size_t kMaxThreadsTried = 3;
constexpr int kRounds = 10;
constexpr std::uint64_t kPageSize = sizeof(ClockPage);

const Result<VdsoImage>& pristine() {
  static const Result<VdsoImage> image = own_vdso();
  return image;
}

// Where the jumps and the code go does not depend on where the page is.
const Result<ClockCave>& any_cave() {
  static const Result<ClockCave> cave = [] {
    return pristine().ok() ? make_clock_cave(*pristine(), 0)
                           : Result<ClockCave>(pristine().error());
  }();
  return cave;
}

// Our own offset to the boot clock is the process's only in the same time namespace.
Result<> check_same_clocks(pid_t pid) {
  std::error_code error;
  const auto ours = std::filesystem::read_symlink("/proc/self/ns/time", error);
  if (error) return {};  // a kernel without time namespaces
  const auto theirs =
      std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/ns/time", error);
  if (error || ours == theirs) return {};
  return Error{Errc::kUnsupported, "it lives in another time namespace"};
}

// The slot is in force when the selector's byte is written.
Result<> arm_page(const TargetMemory& memory, std::uint64_t page, const ClockSlot& slot) {
  const auto selector = TRY(memory.read<std::uint8_t>(page + offsetof(ClockPage, selector)));
  const std::uint64_t slots = page + offsetof(ClockPage, slots);
  const auto now = TRY(memory.read<ClockSlot>(slots + selector));
  if (now == slot) return {};
  const std::int64_t never = 0;
  if (now.expiry == 0) {
    TRY(memory.write(page + offsetof(ClockPage, checked), &never, sizeof never));
  }
  const std::uint8_t other = selector == 0 ? sizeof(ClockSlot) : 0;
  TRY(memory.write(slots + other, &slot, sizeof slot));
  return memory.write(page + offsetof(ClockPage, selector), &other, sizeof other);
}

// One process whose memory is open.
class SkewTarget {
 public:
  static Result<SkewTarget> open(pid_t pid) {
    if (!pristine().ok()) return pristine().error();
    if (!any_cave().ok()) return any_cave().error();
    SkewTarget target(pid, TRY(TargetMemory::open(pid)));
    TRY(target.look());
    return target;
  }

  [[nodiscard]] bool has_page() const { return page_ != 0; }
  [[nodiscard]] bool is_patched() const {
    return std::all_of(is_written_.begin(), is_written_.end(), std::identity());
  }
  [[nodiscard]] Result<> check_ours() const {
    if (!is_foreign_) return {};
    return Error{Errc::kUnsupported,
                 "its vDSO is not this kernel's 64-bit one, or somebody else has changed it"};
  }

  // One thread makes the page, with the whole process running.
  Result<> make_page() {
    Result<> made = Error{Errc::kNotFound, "it has no threads"};
    // A tracer is a thread, and what it traces is let go when it ends, whatever state it is in.
    std::thread tracer([this, &made] { made = make_page_by_any_thread(); });
    tracer.join();
    return made;
  }

  Result<> make_page_by(StoppedThread& thread) {
    const SystemCall mmap{
        SYS_mmap,
        {0, kPageSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, ~std::uint64_t{0}, 0}};
    const std::uint64_t stub = vdso_.start + any_cave()->stub_at;
    const std::uint64_t address =
        TRY(thread.call(mmap, stub, [&](const std::vector<std::uint8_t>& bytes) {
          return write_code(stub, bytes.data(), bytes.size(), &thread);
        }));
    if (address > ~std::uint64_t{0} - kPageSize) {
      return errno_error("map a page in it", -static_cast<int>(address));
    }
    TRY(memory_.write(address, kClockPageName.data(), kClockPageName.size()));
    const ClockCave cave = TRY(make_clock_cave(*pristine(), address));
    // The name of the cave comes last: without it nobody trusts the page's address.
    constexpr std::size_t kName = sizeof(CaveHeader::name);
    const std::uint64_t at = vdso_.start + cave.at;
    TRY(write_code(at + kName, cave.bytes.data() + kName, cave.bytes.size() - kName, &thread));
    TRY(write_code(at, cave.bytes.data(), kName, &thread));
    page_ = address;
    return {};
  }

  Result<> arm(const ClockSlot& slot) { return arm_page(memory_, page_, slot); }
  [[nodiscard]] std::uint64_t page() const { return page_; }
  [[nodiscard]] TargetMemory take_memory() && { return std::move(memory_); }

  // What needs a stop comes first: where that is impossible, nothing has been changed.
  Result<> patch(const StoppedThread* thread) {
    for (std::size_t i = 0; i < is_written_.size(); ++i) {
      const VdsoStore& store = any_cave()->stores[i];
      if (!is_written_[i]) TRY(write_store(store, store.patched, thread));
    }
    return {};
  }
  Result<> unpatch() {
    for (std::size_t i = is_written_.size(); i-- > 0;) {
      const VdsoStore& store = any_cave()->stores[i];
      if (is_written_[i]) TRY(write_store(store, store.original, nullptr));
    }
    return {};
  }

  Result<ClockReading> read() const {
    ClockReading reading;
    if (!has_page()) return reading;
    reading.is_patched = is_patched();
    reading.page = page_id_;
    ClockPage page;
    TRY(memory_.read(page_, &page, sizeof page));
    const ClockSlot slot = page.slots[page.selector == 0 ? 0 : 1];
    if (slot.expiry != 0) reading.offset = unpack_time(slot.offset);
    reading.until = {unpack_time(slot.expiry)};
    for (const ClockStripe& stripe : page.stripes) reading.calls += stripe.calls;
    return reading;
  }

 private:
  SkewTarget(pid_t pid, TargetMemory memory) : pid_(pid), memory_(std::move(memory)) {}

  // Finds the vDSO, and what of ours is there.
  Result<> look() {
    const std::vector<MemoryMapping> mappings = TRY(mappings_of(pid_));
    vdso_ = TRY(find_vdso(mappings));
    if (vdso_.end - vdso_.start != pristine()->size()) return set_foreign();
    VdsoImage image(pristine()->size());
    TRY(memory_.read(vdso_.start, image.data(), image.size()));
    CaveHeader header;
    const std::uint64_t cave = any_cave()->at;
    std::memcpy(&header, image.data() + cave, sizeof header);
    take_back_stores(image);
    if (!std::equal(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(cave),
                    pristine()->begin())) {
      return set_foreign();
    }
    if (header.name == kCaveName) return find_page(mappings, header.page);
    const bool is_touched = std::any_of(is_written_.begin(), is_written_.end(), std::identity());
    if (is_touched) return set_foreign();
    return {};
  }

  // Undoes our stores in a copy, each whole or, where somebody else has changed it, not at all.
  void take_back_stores(VdsoImage& image) {
    for (std::size_t i = 0; i < is_written_.size(); ++i) {
      const VdsoStore& store = any_cave()->stores[i];
      const auto begin = image.begin() + static_cast<std::ptrdiff_t>(store.at);
      is_written_[i] = std::equal(store.patched.begin(), store.patched.end(), begin);
      if (is_written_[i]) std::copy(store.original.begin(), store.original.end(), begin);
    }
  }

  Result<> find_page(const std::vector<MemoryMapping>& mappings, std::uint64_t address) {
    for (const MemoryMapping& mapping : mappings) {
      if (address < mapping.start || address + kPageSize > mapping.end) continue;
      const auto name = TRY(memory_.read<std::array<char, sizeof kClockPageName>>(address));
      if (mapping.permissions != "rw-s" || name != kClockPageName) break;
      page_ = address;
      page_id_ = mapping.inode;
      return {};
    }
    return Error{Errc::kUnsupported, "it has removed the page that its patched vDSO reads"};
  }

  Result<> set_foreign() {
    is_foreign_ = true;
    return {};
  }

  Result<> make_page_by_any_thread() {
    Error last{Errc::kNotFound, "it has no threads"};
    for (int round = 0; round < kRounds; ++round) {
      const std::vector<pid_t> threads = TRY(threads_by_disturbance(pid_));
      for (std::size_t i = 0; i < std::min(threads.size(), kMaxThreadsTried); ++i) {
        Result<StoppedThread> stopped = StoppedThread::seize(threads[i], kStopPatience);
        Result<> made = stopped.ok() ? make_page_by(*stopped) : stopped.error();
        if (made.ok() || made.error().code == Errc::kUnsupported) return made;
        last = made.error();
      }
      if (last.code != Errc::kAborted) break;  // a signal came in between: once more
    }
    return last;
  }

  // By one write(2), which is done or not when we are killed, while the process stands still:
  // `thread` is its only one.
  Result<> write_store(const VdsoStore& store, const std::vector<std::uint8_t>& bytes,
                       const StoppedThread* thread) {
    const std::uint64_t at = vdso_.start + store.at;
    if (!store.needs_stop()) return write_code(at, bytes.data(), bytes.size(), thread);
    const auto write = [&] {
      return memory_.write(at, bytes.data(), bytes.size())
          .in("write two words of its vDSO at once");
    };
    return thread != nullptr ? write() : while_stopped(pid_, kStopPatience, write);
  }

  // Where the kernel forbids writing code through /proc/PID/mem (proc_mem.force_override), a tracer
  // still may.
  Result<> write_code(std::uint64_t at, const void* from, std::size_t size,
                      const StoppedThread* thread) {
    Result<> written = memory_.write(at, from, size);
    if (written.ok() || written.error().code != Errc::kUnsupported) return written;
    if (thread != nullptr) return poke_all(*thread, at, from, size);
    std::thread tracer([&] { written = poke_by_any_thread(at, from, size); });
    tracer.join();
    return written;
  }

  Result<> poke_by_any_thread(std::uint64_t at, const void* from, std::size_t size) {
    Error last{Errc::kNotFound, "it has no threads"};
    for (const pid_t thread : TRY(threads_by_disturbance(pid_))) {
      const Result<StoppedThread> stopped = StoppedThread::seize(thread, kStopPatience);
      if (stopped.ok()) return poke_all(*stopped, at, from, size);
      last = stopped.error();
    }
    return last;
  }

  Result<> poke_all(const StoppedThread& thread, std::uint64_t at, const void* from,
                    std::size_t size) const {
    constexpr std::uint64_t kWord = 8;
    const auto* bytes = static_cast<const std::uint8_t*>(from);
    for (std::uint64_t word_at = at / kWord * kWord; word_at < at + size; word_at += kWord) {
      auto word = TRY(memory_.read<std::array<std::uint8_t, kWord>>(word_at));
      for (std::uint64_t i = 0; i < kWord; ++i) {
        if (word_at + i >= at && word_at + i < at + size) word[i] = bytes[word_at + i - at];
      }
      std::uint64_t value = 0;
      std::memcpy(&value, word.data(), sizeof value);
      TRY(thread.poke(word_at, value));
    }
    return {};
  }

  pid_t pid_;
  TargetMemory memory_;
  MemoryMapping vdso_;
  std::uint64_t page_ = 0;
  std::uint64_t page_id_ = 0;
  std::array<bool, std::tuple_size_v<decltype(ClockCave::stores)>> is_written_{};  // our stores
  bool is_foreign_ = false;
};

// A child that does nothing, and dies with us: it holds copies of our descriptors.
pid_t fork_a_victim() {
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (::getppid() == parent) (void)::pause();
  ::_exit(0);
}

Result<> try_on(pid_t victim) {
  constexpr Duration kOffset = std::chrono::hours(1);
  const BootTime until = system_clock().boot() + kOffset;
  TRY(skew_clock(victim, kOffset, until));
  const ClockReading reading = TRY(read_clock(victim));
  if (reading.is_patched && reading.offset == kOffset) return {};
  return Error{Errc::kUnsupported, "what was written into a process was not there afterwards"};
}

ClockSlot slot_of(Duration offset, BootTime until) {
  return {pack_time(offset), pack_time(until.since_epoch)};
}

}  // namespace

Result<> check_clock_skew() {
#ifndef __x86_64__
  return Error{Errc::kUnsupported, "the vDSO is patched on x86-64 only so far"};
#endif
  if (!any_cave().ok()) return any_cave().error();
  const pid_t victim = fork_a_victim();
  if (victim < 0) return errno_error("fork");
  Result<> tried = try_on(victim);
  (void)::kill(victim, SIGKILL);
  (void)::waitpid(victim, nullptr, 0);
  return tried;
}

Result<> skew_clock(pid_t pid, Duration offset, BootTime until) {
  TRY(check_same_clocks(pid));
  SkewTarget target = TRY(SkewTarget::open(pid));
  TRY(target.check_ours());
  if (!target.has_page()) TRY(target.make_page());
  TRY(target.arm(slot_of(offset, until)));
  if (target.is_patched()) return {};
  return target.patch(nullptr);
}

Result<> skew_clock_at_exec(pid_t child, Duration offset, BootTime until) {
  StoppedThread stopped = TRY(StoppedThread::at_exec(child, kExecPatience));
  TRY(check_same_clocks(child));
  SkewTarget target = TRY(SkewTarget::open(child));
  TRY(target.check_ours());
  TRY(target.make_page_by(stopped));
  TRY(target.arm(slot_of(offset, until)));
  return target.patch(&stopped);
}

Result<> restore_clock(pid_t pid) {
  SkewTarget target = TRY(SkewTarget::open(pid));
  if (target.has_page()) TRY(target.arm({}));
  return target.unpatch();
}

Result<ClockReading> read_clock(pid_t pid) {
  return TRY(SkewTarget::open(pid)).read();
}

Result<ClockDial> ClockDial::open(pid_t pid) {
  SkewTarget target = TRY(SkewTarget::open(pid));
  if (!target.is_patched()) return Error{Errc::kInvalid, "its clock is not skewed"};
  const std::uint64_t page = target.page();
  return ClockDial(std::move(target).take_memory(), page);
}

Result<> ClockDial::set(Duration offset, BootTime until) const {
  return arm_page(memory_, page_, slot_of(offset, until));
}

}  // namespace squall
