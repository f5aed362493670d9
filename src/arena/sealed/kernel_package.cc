// Finds the kernel, and sorts its modules by what they depend on.
#include "arena/sealed/kernel_package.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "arena/sealed/mapped_file.h"

namespace squall {
namespace {

constexpr std::string_view kPrefix = "vmlinuz-";
constexpr std::string_view kSuffix = "-cloud-amd64";

// "6.1.0-9" before "6.1.0-56": runs of digits compare as numbers.
std::vector<std::uint64_t> numbers_of(const std::string& release) {
  std::vector<std::uint64_t> numbers;
  bool is_open = false;
  for (const char c : release) {
    const bool is_digit = c >= '0' && c <= '9';
    if (is_digit && !is_open) numbers.push_back(0);
    if (is_digit) numbers.back() = numbers.back() * 10 + static_cast<std::uint64_t>(c - '0');
    is_open = is_digit;
  }
  return numbers;
}

std::vector<KernelPackage> kernels_in(const std::string& folder) {
  std::vector<KernelPackage> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/boot", error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    KernelPackage package;
    package.release = name.substr(kPrefix.size());
    package.kernel = entry.path().string();
    package.modules = folder + "/lib/modules/" + package.release;
    if (std::filesystem::is_directory(package.modules, error)) found.push_back(package);
  }
  std::sort(found.begin(), found.end(), [](const KernelPackage& a, const KernelPackage& b) {
    return numbers_of(a.release) > numbers_of(b.release);
  });
  return found;
}

std::string module_name(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class Sorter {
 public:
  explicit Sorter(const KernelPackage& package) {
    std::error_code error;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(package.modules + "/kernel", error)) {
      if (entry.path().extension() != ".ko") continue;
      files_[module_name(entry.path().stem().string())] = entry.path().string();
    }
    const Result<MappedFile> builtin = MappedFile::open(package.modules + "/modules.builtin");
    if (builtin.ok()) builtin_ = std::string(builtin->bytes());
  }

  Result<> add(const std::string& wanted) {
    const std::string name = module_name(wanted);
    if (!seen_.insert(name).second || is_builtin(name)) return {};
    const auto file = files_.find(name);
    if (file == files_.end()) {
      return Error{Errc::kNotFound, "the kernel package has no module " + wanted};
    }
    for (const std::string& other : TRY(depends(file->second))) TRY(add(other));
    order_.push_back(file->second);
    return {};
  }

  std::vector<std::string> take() { return std::move(order_); }

 private:
  [[nodiscard]] bool is_builtin(const std::string& name) const {
    std::string dashes = name;
    std::replace(dashes.begin(), dashes.end(), '_', '-');
    return builtin_.find("/" + name + ".ko\n") != std::string::npos ||
           builtin_.find("/" + dashes + ".ko\n") != std::string::npos;
  }

  // The section .modinfo is a row of "key=value" texts with a zero behind each.
  static Result<std::vector<std::string>> depends(const std::string& path) {
    static constexpr std::string_view kKey("\0depends=", 9);
    const MappedFile file = TRY(MappedFile::open(path));
    const std::string_view bytes = file.bytes();
    const std::size_t at = bytes.find(kKey);
    if (at == std::string_view::npos) return std::vector<std::string>();
    const std::size_t begin = at + kKey.size();
    const std::size_t end = std::min(bytes.find('\0', begin), bytes.size());
    std::vector<std::string> names;
    std::string name;
    for (const char c : bytes.substr(begin, end - begin)) {
      if (c != ',') {
        name += c;
        continue;
      }
      names.push_back(std::move(name));
      name.clear();
    }
    if (!name.empty()) names.push_back(std::move(name));
    return names;
  }

  std::map<std::string, std::string> files_;
  std::string builtin_;
  std::set<std::string> seen_;
  std::vector<std::string> order_;
};

}  // namespace

Result<KernelPackage> find_kernel(const std::vector<std::string>& folders) {
  std::string looked;
  for (const std::string& folder : folders) {
    std::vector<KernelPackage> found = kernels_in(folder);
    if (!found.empty()) return std::move(found.front());
    looked += (looked.empty() ? "" : ", ") + folder;
  }
  return Error{Errc::kNotFound,
               "no cloud kernel in " + looked +
                   "; get Debian's without installing it: ./dev kernel, or: apt-get download "
                   "linux-image-6.1.0-NN-cloud-amd64 && dpkg-deb -x linux-image-*.deb DIR, and "
                   "set SQUALL_KERNEL=DIR"};
}

Result<std::vector<std::string>> modules_in_order(const KernelPackage& package,
                                                  const std::vector<std::string>& names) {
  Sorter sorter(package);
  for (const std::string& name : names) TRY(sorter.add(name));
  return sorter.take();
}

}  // namespace squall
