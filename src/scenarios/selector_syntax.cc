// Recursive descent over a selector's text.
#include "scenarios/selector_syntax.h"

#include <array>
#include <optional>
#include <string_view>

namespace squall {
namespace {

using NodePtr = std::shared_ptr<const SelectorNode>;

struct FunctionRow {
  std::string_view name;
  SelectorOp op;
  bool takes_name;  // otherwise an expression
};
constexpr std::array<FunctionRow, 5> kFunctions = {{
    {"leader", SelectorOp::kLeader, true},
    {"holder", SelectorOp::kHolder, true},
    {"one-of", SelectorOp::kOneOf, false},
    {"minority", SelectorOp::kMinority, false},
    {"majority", SelectorOp::kMajority, false},
}};

struct PrefixRow {
  std::string_view name;
  SelectorOp op;
};
constexpr std::array<PrefixRow, 3> kPrefixes = {{
    {"role", SelectorOp::kRole},
    {"region", SelectorOp::kRegion},
    {"client", SelectorOp::kClient},
}};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// Each function returns null after the first mistake, which is kept.
class SelectorParser {
 public:
  explicit SelectorParser(std::string_view text) : text_(text) {}

  SelectorSyntax parse() {
    if (text_.size() > kMaxSelectorBytes) return refuse_length();
    NodePtr root = expression();
    if (root != nullptr && peek() != '\0') root = fail("expected '&', '|' or the end");
    return {std::move(root), problem_.value_or(SelectorProblem{})};
  }

 private:
  static SelectorSyntax refuse_length() {
    return {nullptr,
            {0, "a selector has at most " + std::to_string(kMaxSelectorBytes) + " characters"}};
  }

  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  NodePtr fail(std::string what) {
    const char found = peek();
    if (found != '\0') what += ", not '" + std::string(1, found) + "'";
    if (!problem_) problem_ = SelectorProblem{at_, std::move(what)};
    return nullptr;
  }

  NodePtr expression() {
    NodePtr left = conjunction();
    while (left != nullptr && take('|')) left = join(SelectorOp::kOr, left, conjunction());
    return left;
  }
  NodePtr conjunction() {
    NodePtr left = term();
    while (left != nullptr && take('&')) left = join(SelectorOp::kAnd, left, term());
    return left;
  }

  NodePtr term() {
    if (depth_ >= kMaxSelectorDepth) {
      return fail("nested more than " + std::to_string(kMaxSelectorDepth) + " deep");
    }
    ++depth_;
    NodePtr result = term_inside();
    --depth_;
    return result;
  }
  NodePtr term_inside() {
    if (take('!')) {
      NodePtr inner = term();
      return inner == nullptr ? nullptr : join(SelectorOp::kNot, std::move(inner), nullptr, true);
    }
    if (take('(')) return closed(expression());
    const std::size_t start = (void(peek()), at_);
    const std::string word = name();
    if (word.empty()) return fail("expected a node, a role, a region, a client or a function");
    if (take('(')) return function(word, start);
    if (take('/')) return pair(word, start);
    if (word == "all") return leaf(SelectorOp::kAll, word, start);
    return leaf(SelectorOp::kNode, word, start);
  }

  NodePtr function(const std::string& word, std::size_t start) {
    for (const FunctionRow& row : kFunctions) {
      if (row.name != word) continue;
      if (!row.takes_name) return wrap(row.op, closed(expression()));
      const std::size_t inside = (void(peek()), at_);
      const std::string argument = name();
      if (argument.empty()) return fail("expected a name in '" + word + "(…)'");
      return closed(leaf(row.op, argument, inside));
    }
    if (!problem_) {
      problem_ =
          SelectorProblem{start, "unknown function '" + word +
                                     "'; one of: leader, holder, one-of, minority, majority"};
    }
    return nullptr;
  }

  NodePtr pair(const std::string& word, std::size_t start) {
    const std::size_t inside = (void(peek()), at_);
    const std::string second = name();
    if (second.empty()) return fail("expected a name after '" + word + "/'");
    for (const PrefixRow& row : kPrefixes) {
      if (row.name == word) return leaf(row.op, second, inside);
    }
    auto node = std::make_shared<SelectorNode>();
    node->op = SelectorOp::kProcess;
    node->offset = start;
    node->first = word;
    node->second = second;
    node->second_offset = inside;
    return node;
  }

  std::string name() {
    std::string word;
    (void)peek();
    while (at_ < text_.size() && is_name_char(text_[at_])) word += text_[at_++];
    return word;
  }
  NodePtr closed(NodePtr inner) {
    if (inner == nullptr) return nullptr;
    return take(')') ? inner : fail("expected ')'");
  }
  static NodePtr leaf(SelectorOp op, const std::string& name, std::size_t offset) {
    auto node = std::make_shared<SelectorNode>();
    node->op = op;
    node->offset = offset;
    node->first = name;
    return node;
  }
  static NodePtr wrap(SelectorOp op, NodePtr inner) {
    return inner == nullptr ? nullptr : join(op, std::move(inner), nullptr, true);
  }
  static NodePtr join(SelectorOp op, NodePtr left, NodePtr right, bool is_unary = false) {
    if (right == nullptr && !is_unary) return nullptr;
    auto node = std::make_shared<SelectorNode>();
    node->op = op;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::optional<SelectorProblem> problem_;
};

bool is_live_node(const SelectorNode* node) {
  if (node == nullptr) return false;
  if (node->op == SelectorOp::kLeader || node->op == SelectorOp::kHolder) return true;
  return is_live_node(node->left.get()) || is_live_node(node->right.get());
}

bool has_draw_node(const SelectorNode* node) {
  if (node == nullptr) return false;
  const bool is_draw = node->op == SelectorOp::kOneOf || node->op == SelectorOp::kMinority ||
                       node->op == SelectorOp::kMajority;
  return is_draw || has_draw_node(node->left.get()) || has_draw_node(node->right.get());
}

}  // namespace

SelectorSyntax read_selector(std::string_view text) {
  return SelectorParser(text).parse();
}

Result<Selector> parse_selector(std::string_view text) {
  SelectorSyntax syntax = read_selector(text);
  if (syntax.root == nullptr) {
    return Error{Errc::kInvalid, "column " + std::to_string(syntax.problem.offset + 1) + ": " +
                                     syntax.problem.what};
  }
  Selector selector;
  selector.text_ = std::string(text);
  selector.root_ = std::move(syntax.root);
  return selector;
}

bool has_draw(const Selector& selector) {
  return has_draw_node(&SelectorAccess::root(selector));
}

bool Selector::is_live() const {
  return is_live_node(root_.get());
}

}  // namespace squall
