// Reads the vDSO's ELF tables; every offset is checked.
#include "kernel/vdso.h"

#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "kernel/pseudo_file.h"
#include "kernel/target_memory.h"

namespace squall {
namespace {

// More symbols than any vDSO has; a broken table must not keep us busy.
constexpr std::uint64_t kMaxSymbols = 4096;

Error malformed(const std::string& what) {
  return {Errc::kUnsupported, "the vDSO has " + what};
}

template <typename T>
std::optional<T> read_at(const VdsoImage& image, std::uint64_t at) {
  if (at > image.size() || image.size() - at < sizeof(T)) return std::nullopt;
  T value{};
  std::memcpy(&value, image.data() + at, sizeof value);
  return value;
}

std::string_view name_at(const VdsoImage& image, std::uint64_t at) {
  if (at >= image.size()) return "";
  const auto* begin = reinterpret_cast<const char*>(image.data()) + at;
  return {begin, ::strnlen(begin, image.size() - at)};
}

struct Tables {
  std::uint64_t symbols = 0;
  std::uint64_t names = 0;
  std::uint64_t hash = 0;
  std::uint64_t gnu_hash = 0;
};

Result<std::uint64_t> find_dynamic(const VdsoImage& image) {
  const auto header = read_at<Elf64_Ehdr>(image, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64) {
    return malformed("no header of a 64-bit x86 image");
  }
  for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
    const auto part = read_at<Elf64_Phdr>(image, header->e_phoff + i * sizeof(Elf64_Phdr));
    if (!part) return malformed("program headers outside of it");
    if (part->p_type == PT_LOAD && part->p_vaddr != part->p_offset) {
      return malformed("a segment that is loaded elsewhere");
    }
    if (part->p_type == PT_DYNAMIC) return part->p_offset;
  }
  return malformed("no dynamic section");
}

Result<Tables> find_tables(const VdsoImage& image) {
  std::uint64_t at = TRY(find_dynamic(image));
  Tables tables;
  for (;; at += sizeof(Elf64_Dyn)) {
    const auto entry = read_at<Elf64_Dyn>(image, at);
    if (!entry) return malformed("a dynamic section without an end");
    if (entry->d_tag == DT_NULL) break;
    if (entry->d_tag == DT_SYMTAB) tables.symbols = entry->d_un.d_ptr;
    if (entry->d_tag == DT_STRTAB) tables.names = entry->d_un.d_ptr;
    if (entry->d_tag == DT_HASH) tables.hash = entry->d_un.d_ptr;
    if (entry->d_tag == DT_GNU_HASH) tables.gnu_hash = entry->d_un.d_ptr;
  }
  if (tables.symbols == 0 || tables.names == 0) return malformed("no symbol table");
  return tables;
}

// The symbol table does not say how long it is; a hash table does.  DT_HASH: the number of chains.
// DT_GNU_HASH: one more than the end of the chain that begins last.
Result<std::uint64_t> count_symbols(const VdsoImage& image, const Tables& tables) {
  if (tables.hash != 0) {
    const auto chains = read_at<std::uint32_t>(image, tables.hash + 4);
    if (chains && *chains <= kMaxSymbols) return std::uint64_t{*chains};
    return malformed("a broken hash table");
  }
  const auto buckets = read_at<std::uint32_t>(image, tables.gnu_hash);
  const auto first = read_at<std::uint32_t>(image, tables.gnu_hash + 4);
  const auto bloom = read_at<std::uint32_t>(image, tables.gnu_hash + 8);
  if (tables.gnu_hash == 0 || !buckets || !first || !bloom || *buckets > kMaxSymbols ||
      *bloom > kMaxSymbols) {
    return malformed("no hash table");
  }
  const std::uint64_t table = tables.gnu_hash + 16 + std::uint64_t{*bloom} * 8;
  std::uint32_t last = 0;
  for (std::uint64_t i = 0; i < *buckets; ++i) {
    last = std::max(last, read_at<std::uint32_t>(image, table + i * 4).value_or(0));
  }
  if (last < *first) return std::uint64_t{*first};
  const std::uint64_t chains = table + std::uint64_t{*buckets} * 4;
  for (std::uint64_t symbol = last; symbol < kMaxSymbols; ++symbol) {
    const auto link = read_at<std::uint32_t>(image, chains + (symbol - *first) * 4);
    if (!link) break;
    if ((*link & 1U) != 0) return symbol + 1;
  }
  return malformed("a broken hash table");
}

template <typename Number>
bool take_number(std::string_view& text, int base, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc();
}

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

Result<MemoryMapping> parse_mapping(std::string_view line) {
  const Error error{Errc::kIo, "'" + std::string(line) + "' is not a line of /proc/PID/maps"};
  MemoryMapping mapping;
  if (!take_number(line, 16, mapping.start) || !line.starts_with('-')) return error;
  line.remove_prefix(1);
  if (!take_number(line, 16, mapping.end) || mapping.end <= mapping.start) return error;
  mapping.permissions = take_word(line);
  (void)take_word(line);  // the offset
  mapping.device = take_word(line);
  std::string_view inode = take_word(line);
  if (mapping.permissions.size() != 4 || !take_number(inode, 10, mapping.inode)) return error;
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  mapping.name = line;
  return mapping;
}

Result<std::vector<MemoryMapping>> mappings_of(pid_t pid) {
  const std::string text = TRY(read_pseudo_file("/proc/" + std::to_string(pid) + "/maps"));
  std::vector<MemoryMapping> mappings;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    mappings.push_back(TRY(parse_mapping(std::string_view(text).substr(begin, end - begin))));
    begin = end + 1;
  }
  return mappings;
}

Result<MemoryMapping> find_vdso(const std::vector<MemoryMapping>& mappings) {
  for (const MemoryMapping& mapping : mappings) {
    if (mapping.name == "[vdso]") return mapping;
  }
  return Error{Errc::kNotFound, "it has no vDSO"};
}

Result<VdsoImage> own_vdso() {
  const std::vector<MemoryMapping> mappings = TRY(mappings_of(::getpid()));
  const Result<MemoryMapping> mapping = find_vdso(mappings);
  if (!mapping.ok()) {
    return Error{Errc::kUnsupported, "this kernel gives programs no vDSO (vdso=0)"};
  }
  VdsoImage image(mapping->end - mapping->start);
  const TargetMemory memory = TRY(TargetMemory::open(::getpid()));
  TRY(memory.read(mapping->start, image.data(), image.size()));
  return image;
}

Result<VdsoFunction> find_function(const VdsoImage& image, std::string_view name) {
  const Tables tables = TRY(find_tables(image));
  const std::uint64_t count = TRY(count_symbols(image, tables));
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto symbol = read_at<Elf64_Sym>(image, tables.symbols + i * sizeof(Elf64_Sym));
    if (!symbol) return malformed("symbols outside of it");
    if (symbol->st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol->st_info) != STT_FUNC ||
        name_at(image, tables.names + symbol->st_name) != name) {
      continue;
    }
    if (symbol->st_value > image.size() || image.size() - symbol->st_value < symbol->st_size) {
      return malformed("a '" + std::string(name) + "' outside of it");
    }
    return VdsoFunction{symbol->st_value, symbol->st_size};
  }
  return malformed("no '" + std::string(name) + "'");
}

std::uint64_t end_of_content(const VdsoImage& image) {
  std::uint64_t end = image.size();
  while (end > 0 && image[end - 1] == 0) --end;
  return end;
}

}  // namespace squall
