// EDN → values: what Clojure writes, as far as histories need it.  Equal stays equal:
//   :read, read, "read", \r   text          [1 2] (1 2)   list
//   {:b 1, :a 2}              [["a",2],["b",1]], by key        #{2 1}   ["#set",1,2], in order
//   1.50 1/2 7M               text          12N           integer
//   #inst "…", #uuid "…", #any/tag form     the form behind the tag;  #_form and ^meta are left out
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "history/value.h"

namespace squall {

inline constexpr std::size_t kMaxEdnDepth = 64;                      // forms in forms
inline constexpr std::size_t kMaxEdnToken = std::size_t{16} << 20U;  // bytes
inline constexpr std::string_view kSetMark = "#set";

class EdnCursor {
 public:
  EdnCursor(std::string_view text, Values& values) : text_(text), values_(values) {}

  // To the next form's first byte, past blanks, commas, comments, discarded forms and metadata.
  // False: something on the way is wrong.
  [[nodiscard]] bool blank();
  [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] std::size_t at() const { return at_; }
  void step() { ++at_; }
  // Past `#tag` in front of a form.
  [[nodiscard]] bool tag();
  [[nodiscard]] bool value(ValueId& id) { return form(id, 0); }
  // The same without a value being kept.
  [[nodiscard]] bool skip();
  // A whole number, nil or false: nothing of it was read.
  [[nodiscard]] bool integer(std::int64_t& number);
  // A keyword (without its colon), a symbol or a string without escapes: else nothing was read.
  [[nodiscard]] bool name(std::string_view& name);
  // Whether the last form, or the last name, was a keyword.
  [[nodiscard]] bool was_keyword() const { return was_keyword_; }

  // After false: what is wrong, and at which byte.
  [[nodiscard]] const std::string& what() const { return what_; }
  [[nodiscard]] std::size_t where() const { return where_; }
  bool fail(std::string what, std::size_t where);

 private:
  [[nodiscard]] bool form(ValueId& id, std::size_t depth);
  [[nodiscard]] bool dispatch(ValueId& id, std::size_t depth);
  [[nodiscard]] bool sequence(char close, std::size_t opened, std::vector<ValueId>& items,
                              std::size_t depth);
  [[nodiscard]] bool list(char close, ValueId& id, std::size_t depth);
  [[nodiscard]] bool set(ValueId& id, std::size_t depth);
  [[nodiscard]] bool map(ValueId& id, std::size_t depth);
  [[nodiscard]] bool string(ValueId& id);
  [[nodiscard]] bool escape(std::string& text);
  [[nodiscard]] bool code_point(std::string& text);
  [[nodiscard]] bool character(ValueId& id);
  [[nodiscard]] bool number(ValueId& id);
  [[nodiscard]] bool word(ValueId& id);
  [[nodiscard]] std::string_view token();
  void keep(std::string_view text, bool is_keyword, ValueId& id);

  std::string_view text_;
  Values& values_;
  std::size_t at_ = 0;
  bool is_skipping_ = false;
  std::size_t skip_depth_ = 0;  // of discarded forms in discarded forms
  bool was_keyword_ = false;
  std::string what_;
  std::size_t where_ = 0;
};

// Before it in the order in which sets and maps are kept: numbers, then texts, then what remains.
[[nodiscard]] bool is_before(const Values& values, ValueId a, ValueId b);

}  // namespace squall
