// The page around the data.
#include "report/html.h"

#include <array>

#include "base/check.h"
#include "report/markdown.h"
#include "report/page_frame.h"
#include "report/web_assets.h"

namespace squall {
namespace {

struct Part {
  std::string_view placeholder;
  std::string text;
};

std::string policy() {
  return "default-src 'none'; script-src " + policy_digest(web_js()) + "; style-src " +
         policy_digest(web_css()) + "; base-uri 'none'; form-action 'none'";
}

// In one pass from left to right: a placeholder's name inside the data stays what it is.
std::string filled(std::string_view frame, const std::array<Part, 6>& parts) {
  std::string page;
  for (const Part& part : parts) {
    const std::size_t at = frame.find(part.placeholder);
    CHECK(at != std::string_view::npos);
    page += frame.substr(0, at);
    page += part.text;
    frame.remove_prefix(at + part.placeholder.size());
  }
  page += frame;
  return page;
}

}  // namespace

std::string html_report(const ReportInput& input) {
  const std::string title =
      headline(input.judgement.code) + ": " + meta_of(input.recording, "scenario");
  return filled(web_html(), {{{"{{policy}}", policy()},
                              {"{{title}}", html_escaped(title)},
                              {"{{style}}", std::string(web_css())},
                              {"{{plain}}", html_escaped(markdown_report(input))},
                              {"{{data}}", page_data(input)},
                              {"{{script}}", std::string(web_js())}}});
}

}  // namespace squall
