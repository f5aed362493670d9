// Any bytes as Jepsen's EDN: an error or a history, and a history that was read can be written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "history/import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const squall::Result<squall::History> history = squall::read_edn(text, "fuzz");
  if (!history.ok()) {
    CHECK(history.error().what.starts_with("fuzz:"));
    return 0;
  }
  const std::string written = squall::write_edn(*history);
  const squall::Result<squall::History> again = squall::read_edn(written, "written");
  CHECK(again.ok());
  CHECK(squall::write_edn(*again) == written);
  (void)squall::read_edn(text, "fuzz", nullptr, {.has_independent_keys = true});
  return 0;
}
