// SHA-256, for the history digest and for naming content.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace squall {

// Feed bytes, then ask once for the hex text.  Not thread-safe.
class Digest {
 public:
  Digest();
  void add(std::string_view bytes);
  void add(std::int64_t number);  // little-endian, 8 bytes
  [[nodiscard]] std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace squall
