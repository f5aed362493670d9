// Verdicts as HTML with SVG in it.  Pieces are added while there is room.
#include "report/check_page.h"

#include <algorithm>

#include "report/page_frame.h"
#include "report/web_assets.h"

namespace squall {
namespace {

constexpr std::string_view kStyle = R"(
main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid var(--line); padding: .75rem 0; }
.violated { color: var(--bad); } .valid { color: var(--good); } .unknown { color: var(--open); }
.facts { color: var(--faint); font-size: .85rem; }
.why { margin: .75rem 0 .25rem; white-space: pre-wrap; overflow-wrap: anywhere; }
svg.lanes { width: 100%; height: auto; font: 11px var(--mono); background: var(--panel); }
svg.lanes text { fill: var(--text); } svg.lanes .lane { fill: var(--faint); }
svg.lanes .ok { fill: var(--good); } svg.lanes .fail { fill: var(--failed); }
svg.lanes .info { fill: var(--unknown); } svg.lanes .fault { fill: var(--fault-ground); }
svg.lanes line { stroke: var(--line); }
)";

constexpr int kWidth = 1000;
constexpr int kLeft = 110;   // where bars may begin
constexpr int kRight = 985;  // and end
constexpr int kRow = 34;     // a bar and its label
constexpr int kTop = 18;
// What is added after the last piece: counts of what was left out, and the end.
constexpr std::size_t kReserve = 4000;

struct Scale {
  std::int64_t first = kNever;
  std::int64_t last = 0;
  [[nodiscard]] int x(std::int64_t at) const {
    if (at == kNever || at > last) return kRight;
    if (at < first) return kLeft;
    const double share = static_cast<double>(at - first) /
                         static_cast<double>(std::max<std::int64_t>(last - first, 1));
    return kLeft + static_cast<int>(share * (kRight - kLeft));
  }
};

Scale scale_of(const PageWitness& witness) {
  Scale scale;
  for (const PageBar& bar : witness.bars) {
    scale.first = std::min(scale.first, bar.from);
    scale.last = std::max(scale.last, bar.to == kNever ? bar.from : bar.to);
  }
  return scale;
}

std::string attribute(const char* name, int value) {
  return std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
}

std::string rect(const std::string& shape, int x, int y, int width, int height) {
  return "<rect class=\"" + shape + "\"" + attribute("x", x) + attribute("y", y) +
         attribute("width", std::max(width, 3)) + attribute("height", height) + "/>";
}

std::string text(const std::string& style, int x, int y, const std::string& content) {
  return "<text class=\"" + style + "\"" + attribute("x", x) + attribute("y", y) + ">" +
         html_escaped(content) + "</text>";
}

// A label starts under its bar, or as far left as it must to be read to its end.
int label_x(const std::string& label, int bar) {
  constexpr int kLetter = 7;
  const int width = static_cast<int>(label.size()) * kLetter;
  return std::max(kLeft, std::min(bar, kRight - width));
}

std::string timeline(const PageWitness& witness) {
  const Scale scale = scale_of(witness);
  const int height = kTop + kRow * static_cast<int>(witness.bars.size());
  std::string svg = "<svg class=\"lanes\" role=\"img\" viewBox=\"0 0 " + std::to_string(kWidth) +
                    " " + std::to_string(height) + "\">";
  for (const PageBand& band : witness.bands) {
    const int from = scale.x(band.from);
    svg += rect("fault", from, 0, scale.x(band.to) - from, height);
    svg += text("lane", from + 2, 10, band.label);
  }
  int y = kTop;
  for (const PageBar& bar : witness.bars) {
    const int from = scale.x(bar.from);
    svg += text("lane", 4, y + 9, bar.lane);
    svg += rect(std::string(to_text(bar.outcome)), from, y, scale.x(bar.to) - from, 10);
    svg += text("what", label_x(bar.label, from), y + 22, bar.label);
    y += kRow;
  }
  return svg + "</svg>\n";
}

std::string head_of(const PageVerdict& verdict) {
  const std::string answer(to_text(verdict.answer));
  std::string html = "<section><h2>" + html_escaped(verdict.check) + " <span class=\"" + answer +
                     "\">" + answer + "</span></h2>\n<p>" + html_escaped(verdict.file) + ": " +
                     html_escaped(verdict.summary) + " (" + std::to_string(verdict.examined) +
                     " examined)</p>\n<p class=\"facts\">";
  for (const auto& [name, value] : verdict.facts) {
    html += html_escaped(name) + " " + html_escaped(value) + " · ";
  }
  return html + "</p>\n";
}

std::string witness_html(const PageWitness& witness) {
  std::string html = "<p class=\"why\">" + html_escaped(witness.why) + "</p>\n";
  if (!witness.bars.empty()) html += timeline(witness);
  if (witness.left_out > 0) {
    html += "<p class=\"facts\">and " + std::to_string(witness.left_out) + " more operations</p>\n";
  }
  return html;
}

std::string begin_page() {
  const std::string style = std::string(web_css()) + std::string(kStyle);
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src " +
         policy_digest(style) +
         "; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<title>squall check</title>\n"
         "<style>" +
         style + "</style>\n</head>\n<body>\n<main>\n<h1>squall check</h1>\n";
}

}  // namespace

std::string check_page(const std::vector<PageVerdict>& verdicts) {
  std::string page = begin_page();
  std::size_t left_out = 0;
  const auto add = [&](const std::string& piece) {
    const bool fits = page.size() + piece.size() + kReserve <= kMaxCheckPage;
    if (fits) page += piece;
    return fits;
  };
  for (const PageVerdict& verdict : verdicts) {
    if (!add(head_of(verdict))) {
      ++left_out;
      continue;
    }
    std::size_t missing = verdict.left_out;
    for (const PageWitness& witness : verdict.witnesses) {
      if (!add(witness_html(witness))) ++missing;
    }
    if (missing > 0) {
      (void)add("<p class=\"facts\">and " + std::to_string(missing) + " more witnesses</p>\n");
    }
    (void)add("</section>\n");
  }
  if (left_out > 0) page += "<p>No room for " + std::to_string(left_out) + " more verdicts.</p>\n";
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace squall
