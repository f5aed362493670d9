// Base64 by OpenSSL's block functions.
#include "reference/registry/base64.h"

#include <openssl/evp.h>

namespace squall::reference {
namespace {

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* as_bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  // The function writes a terminating zero too: where std::string has its own.
  (void)EVP_EncodeBlock(as_bytes(out), as_bytes(bytes), static_cast<int>(bytes.size()));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(as_bytes(out), as_bytes(text), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  // It counts the padding as zero bytes.
  out.resize(static_cast<std::size_t>(size));
  if (text.ends_with("==")) out.pop_back();
  if (text.ends_with('=')) out.pop_back();
  return out;
}

}  // namespace squall::reference
