// CHECK(condition): for our own bugs, never for the world.  It stays on in release builds.
#pragma once

namespace squall::detail {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace squall::detail

#define CHECK(condition) \
  ((condition) ? (void)0 : ::squall::detail::check_failed(#condition, __FILE__, __LINE__))
