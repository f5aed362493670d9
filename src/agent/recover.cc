// Undoes what agents that are gone left behind: their journals, freezers that carry our name,
// and clocks.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "agent/agent_config.h"
#include "agent/journal.h"
#include "agent/linux_kernel.h"
#include "agent/recover_clocks.h"
#include "agent/state_dir.h"
#include "base/files.h"
#include "kernel/freezer.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockName = "lock";
constexpr const char* kJournalName = "journal";
// Where agents keep their folders unless told otherwise.
constexpr const char* kUsualPlaces[] = {"/run/squall", "/var/lib/squall"};

std::vector<std::string> usual_places() {
  std::vector<std::string> places(std::begin(kUsualPlaces), std::end(kUsualPlaces));
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR")) {
    places.push_back(std::string(runtime) + "/squall");
  }
  return places;
}

// Folders with a journal in them, `top` itself included.
std::vector<std::string> folders_below(const std::string& top) {
  std::vector<std::string> folders;
  std::error_code error;
  if (fs::exists(fs::path(top) / kJournalName, error)) folders.push_back(top);
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(top, options, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory(error) && fs::exists(at->path() / kJournalName, error)) {
      folders.push_back(at->path().string());
    }
  }
  return folders;
}

// What a living agent holds frozen, which is none of our business.
void note_held(const std::string& folder, std::set<std::string>& held) {
  const Result<std::string> text = read_file(journal_path(folder));
  if (!text.ok()) return;  // it holds nothing
  for (const auto& [number, change] : parse_journal(*text).changes) {
    if (const auto* frozen = std::get_if<FrozenCgroup>(&change)) held.insert(frozen->path);
  }
}

Result<std::vector<std::string>> recover_folder(const std::string& folder,
                                                std::set<std::string>& held) {
  const Result<Fd> lock = lock_state_dir(folder);
  if (!lock.ok() && lock.error().code == Errc::kAborted) {
    note_held(folder, held);
    return std::vector<std::string>{folder + ": its agent is alive; nothing touched"};
  }
  if (!lock.ok()) return lock.error();
  const std::string journal = journal_path(folder);
  const auto kernel = TRY(LinuxKernel::open(journal, ""));
  const JournalContent content = parse_journal(TRY(read_file(journal)));
  const std::string boot = TRY(boot_id());
  std::vector<std::string> undone = TRY(replay(content, boot, *kernel));
  TRY(Journal(*kernel, boot).begin(content.events));
  return undone;
}

// A lab's cgroup, "squall-lab-PID", belongs to its maker while that lives; the lab's guardian
// removes it.
bool is_of_a_living_lab(const std::string& name) {
  constexpr std::string_view kPrefix = "squall-lab-";
  if (!name.starts_with(kPrefix)) return false;
  return fs::exists("/proc/" + name.substr(kPrefix.size()));
}

// Innermost first: a cgroup with others in it cannot be removed.
Result<> remove_tree(const fs::path& cgroup) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(cgroup, error)) {
    if (entry.is_directory(error)) TRY(remove_tree(entry.path()));
  }
  return thaw_and_remove(cgroup.string()).in("remove " + cgroup.string());
}

// Freezers without a journal: of agents whose folder is gone.
Result<std::vector<std::string>> recover_freezers(const std::set<std::string>& held) {
  std::vector<std::string> undone;
  const Result<FreezerParent> parent = find_freezer_parent();
  if (!parent.ok()) return undone;  // then there can be none
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent->path, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("squall-") || is_of_a_living_lab(name)) continue;
    if (held.contains(entry.path().string())) continue;
    TRY(remove_tree(entry.path()));
    undone.push_back("undone: cgroup " + entry.path().string() + " frozen");
  }
  return undone;
}

}  // namespace

std::string journal_path(const std::string& state_dir) {
  return state_dir + "/" + kJournalName;
}

std::string process_table_path(const std::string& state_dir) {
  return state_dir + "/processes.json";
}

Result<Fd> lock_state_dir(const std::string& state_dir) {
  std::error_code error;
  fs::create_directories(state_dir, error);
  if (error) return Error{Errc::kIo, "make " + state_dir + ": " + error.message()};
  if (::chmod(state_dir.c_str(), S_IRWXU) != 0) return errno_error("chmod " + state_dir);
  const std::string path = state_dir + "/" + kLockName;
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!fd.is_open()) return errno_error("open " + path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return errno_error("lock " + path);
  return Error{Errc::kAborted, "another agent uses '" + state_dir + "'"};
}

Result<std::vector<std::string>> recover(const std::string& state_dir) {
  const bool is_everything = state_dir.empty();
  std::vector<std::string> lines;
  std::set<std::string> held;
  for (const std::string& top :
       is_everything ? usual_places() : std::vector<std::string>{state_dir}) {
    for (const std::string& folder : folders_below(top)) {
      for (std::string& line : TRY(recover_folder(folder, held).in("recover " + folder))) {
        lines.push_back(std::move(line));
      }
    }
  }
  if (!is_everything) return lines;
  for (std::string& line : TRY(recover_freezers(held))) lines.push_back(std::move(line));
  const std::vector<pid_t> everybody = TRY(all_processes());
  for (std::string& line : recover_clocks(everybody)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace squall
