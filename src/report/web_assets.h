// The files of web/, as cmake/EmbedWeb.cmake puts them into the program.
#pragma once

#include <string_view>

namespace squall {

[[nodiscard]] std::string_view web_html();
[[nodiscard]] std::string_view web_css();
[[nodiscard]] std::string_view web_js();  // all scripts, as one

}  // namespace squall
