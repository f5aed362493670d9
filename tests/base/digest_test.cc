// SHA-256 against the standard's own examples (FIPS 180-4), and numbers as bytes.
#include "base/digest.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

std::string digest_of(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.hex();
}

TEST(Digest, OfNothingAndOfAbcIsTheStandardOne) {
  EXPECT_EQ(digest_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, DependsOnTheBytesAndNotOnHowTheyWereFed) {
  Digest digest;
  digest.add("a");
  digest.add("");
  digest.add("bc");
  EXPECT_EQ(digest.hex(), digest_of("abc"));
}

TEST(Digest, ANumberIsEightBytesLittleEndian) {
  Digest digest;
  digest.add(std::int64_t{-2});
  digest.add(std::int64_t{0x0102030405060708});
  EXPECT_EQ(digest.hex(),
            digest_of("\xfe\xff\xff\xff\xff\xff\xff\xff\x08\x07\x06\x05\x04\x03\x02\x01"));
}

}  // namespace
}  // namespace squall
