// Base64 (RFC 4648, with padding): how etcd's JSON gateway writes keys and values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace squall::reference {

[[nodiscard]] std::string to_base64(std::string_view bytes);
// Nothing: it is not base64.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace squall::reference
