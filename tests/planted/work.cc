// FNV-1a, over and over.
#include "tests/planted/work.h"

#include <cstdint>
#include <sstream>

namespace squall::planted {

std::string checksum(std::string_view record, long rounds) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (long round = 0; round < rounds; ++round) {
    const char letter = record[static_cast<std::size_t>(round) % record.size()];
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
  }
  return std::to_string(hash);
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream text(line);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

}  // namespace squall::planted
