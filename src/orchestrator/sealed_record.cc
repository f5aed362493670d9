// By nlohmann::json; a missing key is an error that names it.
#include "orchestrator/sealed_record.h"

#include <nlohmann/json.hpp>
#include <set>

namespace squall {
namespace {

using Json = nlohmann::json;
using Texts = std::map<std::string, std::string>;

constexpr std::size_t kHashShown = 12;
constexpr std::size_t kMaxRows = 100'000;
constexpr int kMaxShift = 6;
constexpr unsigned kMinMemory = 1024;
constexpr unsigned kMaxMemory = 3072;

SealedRecord read(const Json& json) {
  const Json& hashes = json.at("hashes");
  return {.perturb = json.at("perturb"),
          .cpu = json.at("cpu"),
          .shift = json.at("shift"),
          .memory_mib = json.at("memory_mib"),
          .has_baseline = json.at("baseline"),
          .machine = json.at("machine"),
          .kernel_release = json.at("kernel_release"),
          .qemu_version = json.at("qemu_version"),
          .include = json.at("include"),
          .programs = json.at("programs"),
          .hashes = {.kernel = hashes.at("kernel"),
                     .image = hashes.at("image"),
                     .qemu = hashes.at("qemu"),
                     .files = hashes.at("files")}};
}

// These become options of QEMU, so nothing but what run itself would have taken.
Result<> check(const SealedRecord& record) {
  const auto refuse = [](const std::string& what) {
    return Error{Errc::kInvalid, what + " of the recorded machine makes no sense"};
  };
  const bool is_name = !record.cpu.empty() && record.cpu.find_first_not_of(
                                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
                                                  "UVWXYZ0123456789.,_+=-") == std::string::npos;
  if (!is_name || record.cpu.front() == '-') return refuse("the CPU model");
  if (record.shift < 0 || record.shift > kMaxShift) return refuse("the shift");
  if (record.memory_mib < kMinMemory || record.memory_mib > kMaxMemory) return refuse("the memory");
  if (record.hashes.files.size() > kMaxRows) return refuse("the list of files");
  return {};
}

std::string shown(const std::string& hash, const std::string& words) {
  const std::string text = hash.substr(0, kHashShown);
  return words.empty() ? text : words + " (" + text + ")";
}

// One thing on both sides, by its hash and what it calls itself.
struct Side {
  std::string hash;
  std::string words{};
};

void add(const std::string& name, const Side& recorded, const Side& here,
         std::vector<std::string>& lines) {
  if (recorded.hash == here.hash) return;
  const std::string there =
      recorded.hash.empty() ? "not recorded" : "recorded " + shown(recorded.hash, recorded.words);
  lines.push_back(name + ": " + there + ", " +
                  (here.hash.empty() ? "not here" : "here " + shown(here.hash, here.words)));
}

std::string value_at(const Texts& texts, const std::string& key) {
  const auto found = texts.find(key);
  return found == texts.end() ? "" : found->second;
}

void add_all(const Texts& recorded, const Texts& here, const std::string& words_recorded,
             const std::string& words_here, std::vector<std::string>& lines) {
  std::set<std::string> names;
  for (const auto& [name, hash] : recorded) names.insert(name);
  for (const auto& [name, hash] : here) names.insert(name);
  for (const std::string& name : names) {
    const bool is_emulator = name.starts_with("qemu-system");
    add(name, {value_at(recorded, name), is_emulator ? words_recorded : ""},
        {value_at(here, name), is_emulator ? words_here : ""}, lines);
  }
}

}  // namespace

std::string to_json(const SealedRecord& record, const SealedTaken& taken) {
  Json json = Json::parse(taken.facts, nullptr, false);
  if (!json.is_object()) json = Json::object();
  json["perturb"] = record.perturb;
  json["cpu"] = record.cpu;
  json["shift"] = record.shift;
  json["memory_mib"] = record.memory_mib;
  json["baseline"] = record.has_baseline;
  json["machine"] = record.machine;
  json["kernel_release"] = record.kernel_release;
  json["qemu_version"] = record.qemu_version;
  json["include"] = record.include;
  json["programs"] = record.programs;
  json["hashes"] = {{"kernel", record.hashes.kernel},
                    {"image", record.hashes.image},
                    {"qemu", record.hashes.qemu},
                    {"files", record.hashes.files}};
  json["began_from"] = taken.began_from;
  json["real_seconds"] = taken.real_seconds;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<SealedRecord> parse_sealed_record(const std::string& text) {
  SealedRecord record;
  // The library's accessors throw where a key is missing or of another type.
  try {
    record = read(Json::parse(text));
  } catch (const Json::exception& error) {
    return Error{Errc::kInvalid, std::string("what it says about its machine: ") + error.what()};
  }
  TRY(check(record));
  return record;
}

std::string identity_of(const SealedHashes& hashes) {
  const Json json = {{"kernel", hashes.kernel}, {"image", hashes.image}, {"qemu", hashes.qemu}};
  return json.dump();
}

std::vector<std::string> differences(const SealedRecord& recorded, const SealedRecord& here) {
  std::vector<std::string> lines;
  add("kernel", {recorded.hashes.kernel, recorded.kernel_release},
      {here.hashes.kernel, here.kernel_release}, lines);
  add_all(recorded.hashes.qemu, here.hashes.qemu, recorded.qemu_version, here.qemu_version, lines);
  add_all(recorded.hashes.files, here.hashes.files, "", "", lines);
  const bool has_same_files = recorded.hashes.files == here.hashes.files;
  if (has_same_files) add("image", {recorded.hashes.image}, {here.hashes.image}, lines);
  if (recorded.machine != here.machine) {
    lines.push_back("the machine's options: recorded '" + recorded.machine + "', here '" +
                    here.machine + "'");
  }
  return lines;
}

}  // namespace squall
