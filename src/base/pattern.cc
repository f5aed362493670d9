// Regular expressions by Boost.Regex, whose exceptions end here.
#include "base/pattern.h"

#include <boost/regex.hpp>
#include <utility>

namespace squall {

struct Pattern::Compiled {
  boost::regex regex;
};

Result<Pattern> Pattern::compile(const std::string& text) {
  if (text.size() > kMaxLength) {
    return Error{Errc::kInvalid,
                 "a regular expression has at most " + std::to_string(kMaxLength) + " characters"};
  }
  try {
    return Pattern(
        std::make_shared<const Compiled>(Compiled{boost::regex(text, boost::regex::perl)}));
  } catch (const boost::regex_error& error) {
    return Error{Errc::kInvalid, "'" + text + "' is no regular expression: " + error.what()};
  }
}

std::optional<bool> Pattern::find_in(std::string_view line) const {
  const std::string_view searched = line.substr(0, kMaxSearched);
  try {
    return boost::regex_search(searched.begin(), searched.end(), compiled_->regex);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

}  // namespace squall
