// Any bytes as a Jepsen log: an error or a history.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "history/import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const squall::Result<squall::History> history = squall::read_jepsen_log(text, "fuzz");
  if (history.ok()) {
    CHECK(history->digest().size() == 64);
  } else {
    CHECK(history.error().what.starts_with("fuzz:"));
  }
  return 0;
}
