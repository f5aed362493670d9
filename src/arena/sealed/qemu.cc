// Looks along PATH, and asks for the version once.
#include "arena/sealed/qemu.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/program_path.h"
#include "kernel/pipe.h"

namespace squall {
namespace {

const std::array<std::string, 2> kFirmwareFolders = {"/usr/share/seabios", "/usr/share/qemu"};

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? "" : value;
}

Result<std::string> ask_version(const std::string& program) {
  Pipe output = TRY(make_pipe());
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork");
  if (pid == 0) {
    (void)::dup2(output.writing.get(), STDOUT_FILENO);
    (void)::execl(program.c_str(), program.c_str(), "--version", nullptr);
    ::_exit(127);
  }
  output.writing.reset();
  std::string text;
  std::array<char, 512> buffer{};
  for (ssize_t count = 1; count > 0;) {
    count = ::read(output.reading.get(), buffer.data(), buffer.size());
    if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (status != 0) return Error{Errc::kUnsupported, program + " --version fails"};
  return text.substr(0, text.find('\n'));
}

// Where QEMU looks for its modules; "": what it needs is built in.
std::string find_translator(const std::string& program) {
  std::error_code error;
  const auto prefix = std::filesystem::canonical(program, error).parent_path().parent_path();
  for (const char* folder : {"lib/x86_64-linux-gnu/qemu", "lib64/qemu", "lib/qemu"}) {
    std::string path = (prefix / folder / kQemuTranslator).string();
    if (::access(path.c_str(), R_OK) == 0) return path;
  }
  return "";
}

// Beside the programs, as built or as installed.
Result<std::string> find_turns() {
  const std::filesystem::path self = self_program();
  const auto path = self.parent_path().parent_path() / "lib/squall" / kQemuTurns;
  if (::access(path.c_str(), R_OK) == 0) return path.string();
  return Error{Errc::kNotFound, path.string() + " is missing; build or install all of squall"};
}

}  // namespace

bool is_firmware(const std::string& name) {
  return name.ends_with(".bin");
}

const std::vector<std::string>& firmware_names() {
  static const std::vector<std::string> kNames = {"bios-256k.bin", "kvmvapic.bin",
                                                  "linuxboot_dma.bin"};
  return kNames;
}

Result<Qemu> find_qemu() {
  Qemu qemu;
  const std::string given = variable("SQUALL_QEMU");
  const std::string program = given.empty() ? find_program(kQemuProgram, path_folders()) : given;
  if (program.empty()) {
    return Error{Errc::kUnsupported,
                 "there is no qemu-system-x86_64 here; apt-get install --no-install-recommends "
                 "qemu-system-x86"};
  }
  qemu.version = TRY(ask_version(program));
  qemu.files[kQemuProgram] = program;
  qemu.files[kQemuTurns] = TRY(find_turns());
  if (const std::string path = find_translator(program); !path.empty()) {
    qemu.files[kQemuTranslator] = path;
  }
  for (const std::string& name : firmware_names()) {
    for (const std::string& folder : kFirmwareFolders) {
      const std::string file = folder + "/" + name;
      if (::access(file.c_str(), R_OK) != 0) continue;
      qemu.files[name] = file;
      break;
    }
  }
  return qemu;
}

}  // namespace squall
