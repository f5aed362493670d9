// The text of a file that may be compressed, piece by piece: plain, gzip (RFC 1952) or Zstandard
// (RFC 8878).  What it is, its first bytes say, not its name; "-" is the standard input.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace squall {

inline constexpr std::string_view kStandardInput = "-";
// The largest text that is read whole: formats that cannot be read line by line.
inline constexpr std::size_t kMaxWholeText = std::size_t{2} << 30U;

class TextSource {
 public:
  [[nodiscard]] static Result<TextSource> open(const std::string& path);
  TextSource(TextSource&&) noexcept;
  TextSource& operator=(TextSource&&) noexcept;
  ~TextSource();

  // How many bytes of `into` (not empty) were filled in; 0 at the end.  Several members or frames
  // in a row are one text.
  [[nodiscard]] Result<std::size_t> read(std::span<char> into);
  // As messages name it: the path, or "standard input".
  [[nodiscard]] const std::string& name() const;
  // The text's first bytes, at most `count`, which read() still gives.
  [[nodiscard]] Result<std::string_view> peek(std::size_t count);

 private:
  class Body;
  explicit TextSource(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

// A text in blocks of whole lines, for readers that need no more memory than a block.
class LineBlocks {
 public:
  // A line that is longer than `longest` comes in pieces.
  LineBlocks(TextSource source, std::size_t longest);
  // Whole lines, the last of all perhaps without its line break; valid until the next call.
  // Empty: that was all.
  [[nodiscard]] Result<std::string_view> next();
  [[nodiscard]] const std::string& name() const { return source_.name(); }

 private:
  TextSource source_;
  std::size_t longest_;
  std::string buffer_;
  std::size_t given_ = 0;   // bytes at the buffer's start that the caller has had
  std::size_t filled_ = 0;  // bytes of the buffer that hold text
  bool is_at_end_ = false;
};

// All that is left.  More than `limit` bytes is an error, so that a small packed file cannot eat
// the memory.
[[nodiscard]] Result<std::string> read_rest(TextSource& source, std::size_t limit = kMaxWholeText);

}  // namespace squall
