// A program that stands for `squall run`: what it does is written per seed, or per try.
#pragma once

#include <string>

#include "tests/search/test_folder.h"

namespace squall::test {

// Its folder holds the program, what it was told to do and what it has done.
class FakeSquall {
 public:
  FakeSquall();
  [[nodiscard]] std::string program() const { return folder_ / "squall"; }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  // "clean" (the default), "violation", "other" (another check), "invalid", "usage", "dirty",
  // "hang" (until a signal).
  void plan(std::uint64_t seed, const std::string& what) const;
  // Of every run whose scenario holds this text.
  void plan_where(const std::string& text, const std::string& what) const;
  // The seeds that were started, in order: "1 2 2 3".
  [[nodiscard]] std::string started() const;

 private:
  TestFolder folder_;
};

}  // namespace squall::test
