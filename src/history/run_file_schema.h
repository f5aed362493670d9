// The tables of a run file.  docs/run-file.md says what each column means; keep them together.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace squall {

// "Sqll" in the SQLite header's field for it: what `file` and we recognise a run file by.
inline constexpr std::int64_t kRunFileApplicationId = 0x5371'6c6c;
// Grows when a table or a column changes its meaning.
inline constexpr std::int64_t kRunFileVersion = 1;

struct SchemaObject {
  std::string_view name;
  std::string_view sql;  // CREATE TABLE …, exactly as SQLite keeps it
};
[[nodiscard]] std::span<const SchemaObject> run_file_tables();
[[nodiscard]] std::span<const SchemaObject> run_file_views();
// Only in files that carry the machine they were recorded in (embedded_files.h).
[[nodiscard]] std::span<const SchemaObject> embedding_tables();

}  // namespace squall
