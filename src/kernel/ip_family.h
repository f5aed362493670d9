// The two address families.  Every network function of ours handles both.
#pragma once

#include <string_view>

namespace squall {

enum class IpFamily { kV4, kV6 };

inline constexpr IpFamily kBothFamilies[] = {IpFamily::kV4, IpFamily::kV6};

// The text of an address or prefix belongs to IPv6 exactly if it holds a colon.
[[nodiscard]] constexpr IpFamily family_of(std::string_view address) {
  return address.find(':') == std::string_view::npos ? IpFamily::kV4 : IpFamily::kV6;
}
// AF_INET or AF_INET6.
[[nodiscard]] int to_af(IpFamily family);

}  // namespace squall
