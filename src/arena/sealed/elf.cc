// Reads program headers and the dynamic section, checking every offset.
#include "arena/sealed/elf.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace squall {
namespace {

constexpr std::size_t kMaxHeaders = 256;
constexpr std::size_t kMaxEntries = 65'536;

Error broken(const std::string& what) {
  return Error{Errc::kInvalid, "a broken ELF file: " + what};
}

template <typename T>
std::optional<T> read_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

Result<std::string> text_at(std::string_view bytes, std::uint64_t offset) {
  if (offset >= bytes.size()) return broken("a text outside of the file");
  const std::size_t end = bytes.find('\0', offset);
  if (end == std::string_view::npos) return broken("a text without an end");
  return std::string(bytes.substr(offset, end - offset));
}

Result<std::vector<Elf64_Phdr>> read_headers(std::string_view bytes, const Elf64_Ehdr& head) {
  if (head.e_phentsize != sizeof(Elf64_Phdr)) return broken("program headers of another size");
  if (head.e_phnum > kMaxHeaders) return broken("too many program headers");
  std::vector<Elf64_Phdr> headers;
  for (std::size_t i = 0; i < head.e_phnum; ++i) {
    const auto header = read_at<Elf64_Phdr>(bytes, head.e_phoff + i * sizeof(Elf64_Phdr));
    if (!header) return broken("program headers outside of the file");
    if (header->p_offset > bytes.size() || header->p_filesz > bytes.size() - header->p_offset) {
      return broken("a segment outside of the file");
    }
    headers.push_back(*header);
  }
  return headers;
}

// Where an address of the loaded program stands in the file.
std::optional<std::uint64_t> offset_of(const std::vector<Elf64_Phdr>& headers,
                                       std::uint64_t address) {
  for (const Elf64_Phdr& header : headers) {
    const bool is_inside = header.p_type == PT_LOAD && address >= header.p_vaddr &&
                           address - header.p_vaddr < header.p_filesz;
    if (is_inside) return address - header.p_vaddr + header.p_offset;
  }
  return std::nullopt;
}

std::vector<std::string> split_paths(const std::string& text) {
  std::vector<std::string> paths;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    if (end > begin) paths.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return paths;
}

struct Dynamic {
  std::vector<std::uint64_t> needed;
  std::optional<std::uint64_t> runpath;
  std::optional<std::uint64_t> rpath;
  std::optional<std::uint64_t> strings;
};

Result<Dynamic> read_dynamic(std::string_view bytes, const Elf64_Phdr& header) {
  Dynamic dynamic;
  const std::size_t count = header.p_filesz / sizeof(Elf64_Dyn);
  if (count > kMaxEntries) return broken("too many dynamic entries");
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = read_at<Elf64_Dyn>(bytes, header.p_offset + i * sizeof(Elf64_Dyn));
    if (!entry) return broken("a dynamic entry outside of the file");
    const std::uint64_t value = entry->d_un.d_val;
    switch (entry->d_tag) {
      case DT_NULL:
        return dynamic;
      case DT_NEEDED:
        dynamic.needed.push_back(value);
        break;
      case DT_RUNPATH:
        dynamic.runpath = value;
        break;
      case DT_RPATH:
        dynamic.rpath = value;
        break;
      case DT_STRTAB:
        dynamic.strings = value;
        break;
      default:
        break;
    }
  }
  return dynamic;
}

Result<> add_dynamic(std::string_view bytes, const std::vector<Elf64_Phdr>& headers,
                     const Elf64_Phdr& header, ElfFacts& facts) {
  const Dynamic dynamic = TRY(read_dynamic(bytes, header));
  if (!dynamic.strings) return {};
  const auto strings = offset_of(headers, *dynamic.strings);
  if (!strings) return broken("its names are not loaded");
  for (const std::uint64_t name : dynamic.needed) {
    facts.needed.push_back(TRY(text_at(bytes, *strings + name)));
  }
  const auto search = dynamic.runpath ? dynamic.runpath : dynamic.rpath;
  if (search) facts.search = split_paths(TRY(text_at(bytes, *strings + *search)));
  return {};
}

}  // namespace

bool looks_like_elf(std::string_view bytes) {
  return bytes.substr(0, SELFMAG) == std::string_view(ELFMAG, SELFMAG);
}

Result<ElfFacts> read_elf(std::string_view bytes) {
  const auto head = read_at<Elf64_Ehdr>(bytes, 0);
  if (!looks_like_elf(bytes) || !head) return Error{Errc::kInvalid, "not an ELF file"};
  if (head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_machine != EM_X86_64) {
    return Error{Errc::kInvalid, "an ELF file for another machine than x86-64"};
  }
  const std::vector<Elf64_Phdr> headers = TRY(read_headers(bytes, *head));
  ElfFacts facts;
  facts.loaded_end = std::max<std::size_t>(sizeof(Elf64_Ehdr),
                                           head->e_phoff + headers.size() * sizeof(Elf64_Phdr));
  for (const Elf64_Phdr& header : headers) {
    facts.loaded_end = std::max<std::size_t>(facts.loaded_end, header.p_offset + header.p_filesz);
    if (header.p_type == PT_INTERP) {
      facts.interpreter =
          TRY(text_at(bytes.substr(0, header.p_offset + header.p_filesz), header.p_offset));
    }
    if (header.p_type == PT_DYNAMIC) TRY(add_dynamic(bytes, headers, header, facts));
  }
  return facts;
}

std::string loadable_part(std::string_view bytes, const ElfFacts& facts) {
  std::string part(bytes.substr(0, facts.loaded_end));
  Elf64_Ehdr head{};
  std::memcpy(&head, part.data(), sizeof head);
  head.e_shoff = 0;
  head.e_shnum = 0;
  head.e_shstrndx = SHN_UNDEF;
  std::memcpy(part.data(), &head, sizeof head);
  return part;
}

}  // namespace squall
