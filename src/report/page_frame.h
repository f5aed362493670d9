// What every page of ours is framed in: escaping, and a policy that lets nothing load.
#pragma once

#include <string>
#include <string_view>

namespace squall {

[[nodiscard]] std::string html_escaped(const std::string& text);
// 'sha256-…' of a script or style, as a content security policy names it.
[[nodiscard]] std::string policy_digest(std::string_view code);

}  // namespace squall
