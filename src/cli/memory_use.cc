// /proc/self.
#include "cli/memory_use.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "base/files.h"

namespace squall {

void forget_peak_memory() {
  (void)write_file("/proc/self/clear_refs",
                   "5");  // then the peak of the whole life is what we know
}

std::uint64_t peak_memory() {
  const Result<std::string> status = read_file("/proc/self/status");
  if (!status) return 0;
  constexpr std::string_view kName = "VmHWM:";
  const std::size_t line = status->find(kName);
  if (line == std::string::npos) return 0;
  const std::size_t digits = status->find_first_not_of(" \t", line + kName.size());
  if (digits == std::string::npos) return 0;
  std::uint64_t kib = 0;
  (void)std::from_chars(status->data() + digits, status->data() + status->size(), kib);
  return kib * 1024;
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  auto shown = static_cast<double>(bytes);
  for (; shown >= 1024 && unit + 1 < kUnits.size(); ++unit) shown /= 1024;
  std::array<char, 32> text{};
  const int digits = shown < 10 && unit > 0 ? 1 : 0;
  (void)std::snprintf(text.data(), text.size(), "%.*f %s", digits, shown, kUnits[unit]);
  return text.data();
}

}  // namespace squall
