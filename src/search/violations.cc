// Verdicts → violations; sentences → shapes.
#include "search/violations.h"

#include <nlohmann/json.hpp>

namespace squall {
namespace {

constexpr std::size_t kMaxShape = 200;
// Shorter words of hexadecimal letters and digits are words or small numbers: "e1", "dead".
constexpr std::size_t kLeastHexadecimal = 8;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// With a letter and a digit: digits alone are a number, however long.
bool is_hexadecimal(std::string_view word) {
  if (word.size() < kLeastHexadecimal) return false;
  bool has_digit = false;
  bool has_letter = false;
  for (const char c : word) {
    const bool is_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!is_letter && !is_digit(c)) return false;
    has_digit |= is_digit(c);
    has_letter |= is_letter;
  }
  return has_digit && has_letter;
}

// "12", "3.5", and with the unit behind it: "12ms", "31s", "20%".  A word that only begins with
// digits loses them too: what it counts is no part of the shape.
std::size_t number_end(std::string_view text, std::size_t at) {
  while (at < text.size() && (is_digit(text[at]) || (text[at] == '.' && at + 1 < text.size() &&
                                                     is_digit(text[at + 1])))) {
    ++at;
  }
  while (at < text.size() && is_word(text[at])) ++at;
  if (at < text.size() && text[at] == '%') ++at;
  return at;
}

// A word with its digits replaced: "e1" and "key17" are names, and names differ from run to run.
std::string word_shape(std::string_view word) {
  if (is_hexadecimal(word)) return "X";
  std::string shape;
  for (const char c : word) {
    if (!is_digit(c)) {
      shape += c;
    } else if (shape.empty() || shape.back() != 'N') {
      shape += 'N';
    }
  }
  return shape;
}

// "N, N, N" is "N": how many there are is no part of the shape.
void fold_lists(std::string& text) {
  for (const std::string_view token : {"N", "X"}) {
    for (const std::string_view between : {", ", " ", "; ", ",", " or ", " and "}) {
      const std::string twice = std::string(token) + std::string(between) + std::string(token);
      for (std::size_t at = text.find(twice); at != std::string::npos; at = text.find(twice, at)) {
        const std::size_t end = at + twice.size();
        if (end < text.size() && is_word(text[end])) {
          ++at;
          continue;
        }
        text.erase(at, twice.size() - token.size());
      }
    }
  }
}

std::string first_witness(const VerdictRow& row) {
  const auto detail = nlohmann::json::parse(row.detail, nullptr, false);
  if (!detail.is_object() || !detail.contains("witnesses")) return row.summary;
  const auto& witnesses = detail["witnesses"];
  if (!witnesses.is_array() || witnesses.empty() || !witnesses[0].is_object()) return row.summary;
  return witnesses[0].value("why", row.summary);
}

}  // namespace

std::string shape_of(std::string_view sentence) {
  // Which faults were active is no part of what went wrong.
  sentence = sentence.substr(0, sentence.find(", while "));
  std::string shape;
  for (std::size_t at = 0; at < sentence.size();) {
    const char c = sentence[at];
    const bool is_in_word = !shape.empty() && at > 0 && is_word(sentence[at - 1]);
    if (c == '"' || (c == '\'' && !is_in_word)) {
      const std::size_t end = sentence.find(c, at + 1);
      if (end != std::string_view::npos) {
        shape += 'X';
        at = end + 1;
        continue;
      }
    }
    if (!is_word(c)) {
      shape += c;
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < sentence.size() && is_word(sentence[end])) ++end;
    const std::string_view word = sentence.substr(at, end - at);
    if (is_digit(c) && !is_hexadecimal(word)) {
      shape += 'N';
      at = number_end(sentence, at);
    } else {
      shape += word_shape(word);
      at = end;
    }
  }
  fold_lists(shape);
  if (shape.size() > kMaxShape) shape = shape.substr(0, kMaxShape) + "…";
  return shape;
}

std::vector<Violation> violations_of(const std::vector<VerdictRow>& verdicts) {
  std::vector<Violation> violations;
  for (const VerdictRow& row : verdicts) {
    if (row.answer != "violated") continue;
    violations.push_back({row.check, shape_of(first_witness(row)), row.summary});
  }
  return violations;
}

}  // namespace squall
