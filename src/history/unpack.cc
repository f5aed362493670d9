// zlib and libzstd as streams, with one growing output.
#include "history/unpack.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace squall {
namespace {

constexpr std::size_t kChunk = std::size_t{256} << 10U;

Error too_large(const std::string& path, std::size_t limit) {
  return Error{Errc::kInvalid,
               path + ": larger than the limit of " + std::to_string(limit) + " bytes unpacked"};
}

Error ends_early(const std::string& path, const std::string& format) {
  return Error{Errc::kInvalid, path + ": the " + format + " data ends too early; copy it again"};
}

struct EndInflate {
  void operator()(z_stream* stream) const {
    (void)inflateEnd(stream);  // only says what it was: freed either way
    delete stream;             // NOLINT(cppcoreguidelines-owning-memory): the deleter owns it
  }
};

Result<std::string> read_gzip(std::string& packed, const std::string& path, std::size_t limit) {
  const std::unique_ptr<z_stream, EndInflate> stream(new z_stream{});
  constexpr int kGzipOnly = 15 + 16;
  if (inflateInit2(stream.get(), kGzipOnly) != Z_OK) {
    return Error{Errc::kIo, path + ": zlib cannot start"};
  }
  std::string text;
  std::vector<unsigned char> buffer(kChunk);
  bool is_at_end = false;  // of a member
  std::size_t used = 0;    // avail_in is 32 bits wide
  while (used < packed.size()) {
    const std::size_t piece = std::min(packed.size() - used, kChunk);
    stream->next_in = reinterpret_cast<unsigned char*>(packed.data() + used);
    stream->avail_in = static_cast<unsigned int>(piece);
    do {
      if (is_at_end) (void)inflateReset(stream.get());
      stream->next_out = buffer.data();
      stream->avail_out = static_cast<unsigned int>(buffer.size());
      const int answer = inflate(stream.get(), Z_NO_FLUSH);
      if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR) {
        return Error{Errc::kInvalid, path + ": not valid gzip data"};
      }
      is_at_end = answer == Z_STREAM_END;
      text.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream->avail_out);
      if (text.size() > limit) return too_large(path, limit);
    } while (stream->avail_in > 0 || (stream->avail_out == 0 && !is_at_end));
    used += piece;
  }
  if (!is_at_end) return ends_early(path, "gzip");
  return text;
}

struct FreeZstd {
  void operator()(ZSTD_DStream* stream) const { (void)ZSTD_freeDStream(stream); }
};

Result<std::string> read_zstd(std::string_view packed, const std::string& path, std::size_t limit) {
  const std::unique_ptr<ZSTD_DStream, FreeZstd> stream(ZSTD_createDStream());
  if (stream == nullptr) return Error{Errc::kIo, path + ": zstd cannot start"};
  std::string text;
  std::vector<char> buffer(ZSTD_DStreamOutSize());
  ZSTD_inBuffer input{packed.data(), packed.size(), 0};
  std::size_t missing = 1;  // 0: a frame has just ended
  while (input.pos < input.size || missing > 0) {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    const std::size_t before = input.pos;
    missing = ZSTD_decompressStream(stream.get(), &output, &input);
    if (ZSTD_isError(missing) != 0) {
      return Error{Errc::kInvalid,
                   path + ": not valid zstd data: " + std::string(ZSTD_getErrorName(missing))};
    }
    text.append(buffer.data(), output.pos);
    if (text.size() > limit) return too_large(path, limit);
    if (output.pos == 0 && input.pos == before && missing > 0) return ends_early(path, "zstd");
  }
  return text;
}

}  // namespace

Result<std::string> read_unpacked(const std::string& path, std::size_t limit) {
  Result<std::string> content = read_file(path, limit);
  if (!content.ok()) return content;
  if (content->starts_with("\x1f\x8b")) return read_gzip(*content, path, limit);
  if (content->starts_with("\x28\xb5\x2f\xfd")) return read_zstd(*content, path, limit);
  return content;
}

}  // namespace squall
