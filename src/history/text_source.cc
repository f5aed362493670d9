// zlib and libzstd as streams over one file descriptor.
#include "history/text_source.h"

#include <fcntl.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/fd.h"

namespace squall {
namespace {

constexpr std::size_t kChunk = std::size_t{256} << 10U;
constexpr std::size_t kBlock = std::size_t{1} << 20U;

// Bytes as they are on disk, through a buffer that unpackers read from.
class PackedBytes {
 public:
  PackedBytes(Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  // Reads on where everything was used up; false at the end.
  Result<bool> refill() {
    if (used_ < buffer_.size()) return true;
    buffer_.resize(kChunk);
    const std::size_t count = TRY(read(buffer_));
    buffer_.resize(count);
    used_ = 0;
    return count > 0;
  }
  // Straight into the caller's memory.
  Result<std::size_t> read(std::span<char> into) {
    for (;;) {
      const ssize_t count = ::read(fd_.get(), into.data(), into.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return errno_error("read " + name_);
    }
  }
  [[nodiscard]] std::span<char> left() { return std::span(buffer_).subspan(used_); }
  void use(std::size_t count) { used_ += count; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Fd fd_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
};

Error ends_early(const std::string& name, const std::string& format) {
  return Error{Errc::kInvalid, name + ": the " + format + " data ends too early; copy it again"};
}

class Gzip {
 public:
  Gzip() = default;
  Gzip(const Gzip&) = delete;  // zlib holds on to the stream's address
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() { (void)inflateEnd(&stream_); }  // only says what it was: freed either way

  Result<> start(const std::string& name) {
    constexpr int kGzipOnly = 15 + 16;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) {
      return Error{Errc::kIo, name + ": zlib cannot start"};
    }
    return {};
  }

  Result<std::size_t> read(PackedBytes& packed, std::span<char> into) {
    into = into.first(std::min(into.size(), kBlock));  // avail_out is 32 bits wide
    stream_.next_out = reinterpret_cast<unsigned char*>(into.data());
    stream_.avail_out = static_cast<unsigned int>(into.size());
    while (stream_.avail_out == into.size()) {
      if (!TRY(packed.refill())) {
        if (is_at_end_) return std::size_t{0};
        return ends_early(packed.name(), "gzip");
      }
      if (is_at_end_) (void)inflateReset(&stream_);  // another member
      const std::span<char> left = packed.left();
      stream_.next_in = reinterpret_cast<unsigned char*>(left.data());
      stream_.avail_in = static_cast<unsigned int>(left.size());
      const int answer = inflate(&stream_, Z_NO_FLUSH);
      if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR) {
        return Error{Errc::kInvalid, packed.name() + ": not valid gzip data"};
      }
      packed.use(left.size() - stream_.avail_in);
      is_at_end_ = answer == Z_STREAM_END;
    }
    return into.size() - stream_.avail_out;
  }

 private:
  z_stream stream_{};
  bool is_at_end_ = false;  // of a member
};

struct FreeZstd {
  void operator()(ZSTD_DStream* stream) const { (void)ZSTD_freeDStream(stream); }
};

class Zstd {
 public:
  Result<> start(const std::string& name) {
    if (stream_ == nullptr) return Error{Errc::kIo, name + ": zstd cannot start"};
    return {};
  }

  Result<std::size_t> read(PackedBytes& packed, std::span<char> into) {
    ZSTD_outBuffer output{into.data(), into.size(), 0};
    while (output.pos == 0) {
      if (!TRY(packed.refill()) && missing_ == 0) return std::size_t{0};
      const std::span<char> left = packed.left();
      ZSTD_inBuffer input{left.data(), left.size(), 0};
      missing_ = ZSTD_decompressStream(stream_.get(), &output, &input);
      if (ZSTD_isError(missing_) != 0) {
        return Error{Errc::kInvalid, packed.name() + ": not valid zstd data: " +
                                         std::string(ZSTD_getErrorName(missing_))};
      }
      packed.use(input.pos);
      if (output.pos == 0 && left.empty() && missing_ > 0) {
        return ends_early(packed.name(), "zstd");
      }
    }
    return output.pos;
  }

 private:
  std::unique_ptr<ZSTD_DStream, FreeZstd> stream_{ZSTD_createDStream()};
  std::size_t missing_ = 1;  // 0: a frame has just ended
};

}  // namespace

class TextSource::Body {
 public:
  Body(Fd fd, std::string name) : packed_(std::move(fd), std::move(name)) {}

  Result<> start() {
    (void)TRY(packed_.refill());
    const std::string_view head(packed_.left().data(), packed_.left().size());
    if (head.starts_with("\x1f\x8b")) {
      gzip_ = std::make_unique<Gzip>();
      return gzip_->start(packed_.name());
    }
    if (head.starts_with("\x28\xb5\x2f\xfd")) {
      zstd_ = std::make_unique<Zstd>();
      return zstd_->start(packed_.name());
    }
    return {};
  }

  Result<std::size_t> read(std::span<char> into) {
    if (peeked_used_ == peeked_.size()) return unpack(into);
    const std::size_t count = std::min(into.size(), peeked_.size() - peeked_used_);
    std::memcpy(into.data(), peeked_.data() + peeked_used_, count);
    peeked_used_ += count;
    return count;
  }

  Result<std::string_view> peek(std::size_t count) {
    std::size_t filled = peeked_.size();
    peeked_.resize(std::max(filled, count));
    while (filled < count) {
      const Result<std::size_t> more = unpack(std::span(peeked_).subspan(filled));
      if (!more) return more.error();
      if (*more == 0) break;
      filled += *more;
    }
    peeked_.resize(filled);
    return std::string_view(peeked_.data(), filled).substr(0, count);
  }
  [[nodiscard]] const std::string& name() const { return packed_.name(); }

 private:
  Result<std::size_t> unpack(std::span<char> into) {
    if (gzip_ != nullptr) return gzip_->read(packed_, into);
    if (zstd_ != nullptr) return zstd_->read(packed_, into);
    const std::span<char> left = packed_.left();
    if (left.empty()) return packed_.read(into);
    const std::size_t count = std::min(left.size(), into.size());
    std::memcpy(into.data(), left.data(), count);
    packed_.use(count);
    return count;
  }

  PackedBytes packed_;
  std::unique_ptr<Gzip> gzip_;
  std::unique_ptr<Zstd> zstd_;
  std::vector<char> peeked_;
  std::size_t peeked_used_ = 0;
};

TextSource::TextSource(std::unique_ptr<Body> body) : body_(std::move(body)) {}
TextSource::TextSource(TextSource&&) noexcept = default;
TextSource& TextSource::operator=(TextSource&&) noexcept = default;
TextSource::~TextSource() = default;

Result<TextSource> TextSource::open(const std::string& path) {
  const bool is_input = path == kStandardInput;
  Fd fd(is_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return errno_error("open " + (is_input ? "standard input" : path));
  auto body = std::make_unique<Body>(std::move(fd), is_input ? "standard input" : path);
  TRY(body->start());
  return TextSource(std::move(body));
}

Result<std::size_t> TextSource::read(std::span<char> into) {
  return body_->read(into);
}

Result<std::string_view> TextSource::peek(std::size_t count) {
  return body_->peek(count);
}

const std::string& TextSource::name() const {
  return body_->name();
}

LineBlocks::LineBlocks(TextSource source, std::size_t longest)
    : source_(std::move(source)), longest_(longest), buffer_(kBlock, '\0') {}

Result<std::string_view> LineBlocks::next() {
  std::memmove(buffer_.data(), buffer_.data() + given_, filled_ - given_);
  filled_ -= given_;
  given_ = 0;
  std::size_t searched = 0;  // bytes that hold no line break
  while (true) {
    while (!is_at_end_ && filled_ < buffer_.size()) {
      const std::size_t count = TRY(source_.read(std::span(buffer_).subspan(filled_)));
      is_at_end_ = count == 0;
      filled_ += count;
    }
    const std::string_view fresh(buffer_.data() + searched, filled_ - searched);
    const std::size_t last = fresh.rfind('\n');
    if (is_at_end_ || filled_ > longest_) {
      given_ = last == std::string_view::npos || is_at_end_ ? filled_ : searched + last + 1;
    } else if (last != std::string_view::npos) {
      given_ = searched + last + 1;
    }
    if (given_ > 0 || is_at_end_) return std::string_view(buffer_.data(), given_);
    searched = filled_;
    buffer_.resize(std::min(buffer_.size() * 2, longest_ + kBlock));
  }
}

Result<std::string> read_rest(TextSource& source, std::size_t limit) {
  std::string text;
  std::size_t filled = 0;
  while (true) {
    if (filled == text.size()) text.resize(std::max(2 * text.size(), kBlock));
    const std::size_t count = TRY(source.read(std::span(text).subspan(filled)));
    if (count == 0) break;
    filled += count;
    if (filled > limit) {
      return Error{Errc::kInvalid, source.name() + ": larger than the limit of " +
                                       std::to_string(limit) + " bytes unpacked"};
    }
  }
  text.resize(filled);
  return text;
}

}  // namespace squall
