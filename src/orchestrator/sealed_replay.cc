// Chooses where each part comes from.  Kernel and image belong together (its modules are in it), so
// do QEMU, its libraries and what is loaded into it.
#include "orchestrator/sealed_replay.h"

#include <algorithm>
#include <optional>

#include "arena/sealed/embedded_parts.h"
#include "arena/sealed/sealed_host.h"
#include "arena/sealed/sealed_request.h"
#include "orchestrator/sealed_execution.h"

namespace squall {
namespace {

std::string carried_qemu() {
  return "the run file carries the recorded QEMU, a native program that whoever made the file "
         "chose; --trust-embedded-qemu runs it";
}

// "": there is none.
std::string value_at(const std::map<std::string, std::string>& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? "" : found->second;
}

class Choice {
 public:
  Choice(const RunSetup& setup, const ReplaySource& source, const ReplayOptions& options,
         EmbeddedParts& embedded, FileHashes& hashes)
      : setup_(setup),
        recorded_(source.record),
        folder_(parse_stack_request(source.stack).value_or({}).folder),
        options_(options),
        embedded_(embedded),
        hashes_(hashes) {
    SealedRecord& record = parts_.record;
    record = recorded_;
    record.hashes = {};
  }

  Result<SealedParts> make() {
    TRY(choose_kernel_and_image());
    TRY(choose_qemu());
    use_options(parts_);
    return std::move(parts_);
  }

  // What could be had from the run file, and how.
  [[nodiscard]] const std::string& advice() const { return advice_; }

 private:
  // --- what runs inside -------------------------------------------------------------------------

  Result<> choose_kernel_and_image() {
    const bool is_carried = TRY(carries(
        {{kEmbeddedKernel, recorded_.hashes.kernel}, {kEmbeddedImage, recorded_.hashes.image}}));
    if (is_carried && options_.is_embedded) return take_kernel_and_image();
    const Result<KernelPackage> kernel = find_kernel(kernel_folders());
    if (!kernel) return is_carried ? take_kernel_and_image() : Result<>(kernel.error());
    ImageRequest request = TRY(image_request(setup_, *kernel));
    request.folder = folder_;
    request.include = recorded_.include;
    for (const auto& [path, hash] : recorded_.hashes.files) request.only.insert(path);
    const Result<ImageContent> content = content_of_image(request, hashes_);
    if (!content) return is_carried ? take_kernel_and_image() : Result<>(content.error());
    const std::string hash = TRY(hashes_.of(kernel->kernel));
    const bool is_same =
        hash == recorded_.hashes.kernel && content->files == recorded_.hashes.files;
    if (!is_same && is_carried) return take_kernel_and_image();
    TRY(check_included(*content));
    return use_kernel_and_image(*kernel, request, hashes_, parts_);
  }

  // A run file of a stranger may name any file of this host to be taken along: only those that the
  // stranger has too.
  Result<> check_included(const ImageContent& content) const {
    for (const std::string& path : content.included) {
      if (content.files.at(path) == value_at(recorded_.hashes.files, path)) continue;
      return Error{Errc::kInvalid, path + ", which --include took along, is not as recorded"};
    }
    return {};
  }

  Result<> take_kernel_and_image() {
    TRY(embedded_.take_kernel_and_image(parts_.machine));
    parts_.record.hashes.kernel = recorded_.hashes.kernel;
    parts_.record.hashes.image = recorded_.hashes.image;
    parts_.record.hashes.files = recorded_.hashes.files;
    return {};
  }

  // --- the emulator -----------------------------------------------------------------------------

  Result<> choose_qemu() {
    std::map<std::string, std::string> native;
    std::map<std::string, std::string> firmware;
    for (const auto& [name, hash] : recorded_.hashes.qemu) {
      (is_firmware(name) ? firmware : native)[embedded_qemu_file(name)] = hash;
    }
    const bool is_native_carried = TRY(carries(native));
    const bool is_firmware_carried = TRY(carries(firmware));
    if (is_native_carried && options_.is_embedded && options_.is_qemu_trusted) return take_qemu();
    Result<Qemu> qemu = find_qemu();
    if (!qemu) {
      if (is_native_carried && options_.is_qemu_trusted) return take_qemu();
      if (!is_native_carried) return qemu.error();
      return Error{qemu.error().code, qemu.error().what + "; " + carried_qemu()};
    }
    TRY(use_qemu(std::move(*qemu), hashes_, parts_));
    const bool is_same = is_as_recorded(false);
    if (!is_same && is_native_carried && options_.is_qemu_trusted) return take_qemu();
    if (!is_same && is_native_carried) advice_ = carried_qemu();
    const bool is_wanted = options_.is_embedded || !is_as_recorded(true);
    return is_wanted && is_firmware_carried ? take_firmware() : Result<>();
  }

  [[nodiscard]] bool is_as_recorded(bool is_of_firmware) const {
    const auto& here = parts_.record.hashes.qemu;
    const auto matches = [&](const auto& row) {
      return is_firmware(row.first) != is_of_firmware ||
             value_at(recorded_.hashes.qemu, row.first) == value_at(here, row.first);
    };
    return std::all_of(here.begin(), here.end(), matches) &&
           std::all_of(recorded_.hashes.qemu.begin(), recorded_.hashes.qemu.end(), matches);
  }

  Result<> take_firmware() {
    TRY(embedded_.take_firmware(parts_.machine));
    for (const auto& [name, hash] : recorded_.hashes.qemu) {
      if (is_firmware(name)) parts_.record.hashes.qemu[name] = hash;
    }
    return {};
  }

  Result<> take_qemu() {
    TRY(embedded_.take_firmware(parts_.machine));
    TRY(embedded_.take_qemu(parts_.machine));
    parts_.record.qemu_version = recorded_.qemu_version;
    parts_.record.hashes.qemu = recorded_.hashes.qemu;
    return {};
  }

  // Whether the run file carries all of them; under another hash than recorded is damage.
  Result<bool> carries(const std::map<std::string, std::string>& wanted) const {
    if (embedded_.is_empty()) return false;
    for (const auto& [name, hash] : wanted) {
      if (embedded_.hash_of(name) == hash) continue;
      return Error{Errc::kInvalid,
                   "damaged: it carries another '" + name + "' than it was recorded with"};
    }
    return true;
  }

  const RunSetup& setup_;
  const SealedRecord& recorded_;
  std::string folder_;
  const ReplayOptions& options_;
  EmbeddedParts& embedded_;
  FileHashes& hashes_;
  SealedParts parts_;
  std::string advice_;
};

}  // namespace

Result<ReplaySource> replay_source(const std::string& run_file, const Recording& recording) {
  if (value_at(recording.meta, "arena") != "sealed") {
    return Error{Errc::kInvalid, run_file +
                                     ": recorded in the lab; only sealed runs can be replayed; run "
                                     "it again with --arena sealed"};
  }
  ReplaySource source{.run_file = run_file,
                      .record = {},
                      .stack = value_at(recording.meta, "sealed_stack_request"),
                      .go = value_at(recording.meta, "sealed_go_request"),
                      .source = {}};
  if (source.stack.empty() || source.go.empty()) {
    return Error{Errc::kInvalid,
                 run_file +
                     ": recorded by a squall that did not keep what replay needs; run it "
                     "again with --arena sealed"};
  }
  source.record = TRY(parse_sealed_record(value_at(recording.meta, "sealed")).in(run_file));
  (void)TRY(parse_stack_request(source.stack).in(run_file));
  source.source = TRY(parse_go_request(source.go).in(run_file)).source;
  return source;
}

Result<> replay_sealed(const RunSetup& setup, const ReplaySource& source,
                       const ReplayOptions& options,
                       const std::function<void(const ReplayMachine&)>& tell) {
  EmbeddedParts embedded = TRY(EmbeddedParts::open(source.run_file));
  if (embedded.is_empty() && options.is_embedded) {
    return Error{Errc::kInvalid, source.run_file +
                                     ": carries no machine; it was not recorded with "
                                     "--embed"};
  }
  FileHashes hashes = TRY(sealed_hashes().in("replay"));
  Choice choice(setup, source, options, embedded, hashes);
  const SealedParts parts = TRY(choice.make().in("replay"));
  tell({.differences = differences(source.record, parts.record), .advice = choice.advice()});
  TRY(execute_sealed(setup, {.parts = parts,
                             .stack = source.stack,
                             .go = source.go,
                             .is_cached = options.is_cached,
                             .is_running = [&embedded] { embedded.forget_folder(); }})
          .in("replay"));
  setup.on_recorded();
  return {};
}

}  // namespace squall
