// Every object, and every order.
#include "tests/checker/object_oracle.h"

#include <algorithm>

namespace squall::test {
namespace {

using Answer = std::optional<std::string>;

std::string list(const std::vector<int>& items) {
  std::string all = "[";
  for (std::size_t i = 0; i < items.size(); ++i)
    all += (i == 0 ? "" : ",") + std::to_string(items[i]);
  return all + "]";
}

Answer take(std::vector<int>& items, std::size_t at) {
  if (items.empty()) return "nil";
  const int item = items[at];
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
  return std::to_string(item);
}

Answer take_any(std::vector<int>& items, const std::string* wanted) {
  if (items.empty()) return "nil";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (wanted != nullptr && std::to_string(items[i]) == *wanted) return take(items, i);
  }
  return wanted == nullptr ? take(items, items.size() / 2) : std::nullopt;
}

Answer lock(std::string_view model, const ObjectOp& op, Object& object, const std::string* wanted) {
  const bool is_acquire = op.function == "acquire";
  if (model == "mutex" || model == "semaphore") {
    const int limit = model == "mutex" ? 1 : 2;
    object.number += is_acquire ? 1 : -1;
    return object.number < 0 || object.number > limit ? std::nullopt : Answer(op.value);
  }
  if (!is_acquire && object.holder != op.process) return std::nullopt;
  if (model == "reentrant-lock") {
    if (is_acquire && object.holder != -1 && object.holder != op.process) return std::nullopt;
    object.number += is_acquire ? 1 : -1;
    object.holder = object.number == 0 ? -1 : op.process;
    return object.number > 2 ? std::nullopt : Answer("-");
  }
  if (is_acquire && object.holder != -1) return std::nullopt;
  object.holder = is_acquire ? op.process : -1;
  if (!is_acquire) return "-";
  const int token = wanted == nullptr ? object.number + 1 : std::stoi(*wanted);
  if (token <= object.number) return std::nullopt;
  object.number = token;
  return std::to_string(token);
}

// "[[read,x,0],[write,y,1]]"; the reads' values are filled in.
Answer transact(const ObjectOp& op, Object& object) {
  std::string answer = op.value;
  for (std::size_t at = answer.find('['); (at = answer.find('[', at + 1)) != std::string::npos;) {
    const bool is_read = answer[at + 1] == 'r';
    const std::size_t key = at + (is_read ? 6 : 7);
    int& current = object.registers[answer[key]];
    if (is_read) {
      answer[key + 2] = static_cast<char>('0' + current);
    } else {
      current = answer[key + 2] - '0';
    }
  }
  return answer;
}

Answer collect(const ObjectOp& op, Object& object) {
  auto& items = object.items;
  const std::string& f = op.function;
  if (f == "read") return list(items);
  const int value = op.value[0] == '[' ? op.value[1] - '0' : std::stoi(op.value);
  const auto at = std::lower_bound(items.begin(), items.end(), value);
  const bool is_in = at != items.end() && *at == value;
  if (f == "contains") return "[" + std::to_string(value) + (is_in ? ",true]" : ",false]");
  if (f == "add" && !is_in) items.insert(at, value);
  if (f == "remove" && is_in) items.erase(at);
  return op.value;
}

struct Vocabulary {
  const char* model;
  std::vector<const char*> functions;
};
const std::vector<Vocabulary>& vocabularies() {
  static const std::vector<Vocabulary> kAll = {
      {"register", {"write", "read"}},
      {"multi-register", {"txn"}},
      {"key-value", {"append", "get", "put", "get"}},
      {"mutex", {"acquire", "release"}},
      {"semaphore", {"acquire", "release"}},
      {"reentrant-lock", {"acquire", "release"}},
      {"fenced-lock", {"acquire", "release"}},
      {"fifo-queue", {"enqueue", "dequeue"}},
      {"unordered-queue", {"enqueue", "dequeue"}},
      {"stack", {"push", "pop"}},
      {"set", {"add", "remove", "contains", "read"}},
      {"counter", {"add", "read", "subtract"}},
      {"unique-ids", {"generate"}},
      {"append-list", {"append", "read"}},
  };
  return kAll;
}

std::string argument(std::string_view model, const std::string& function, Rng& rng, int serial) {
  const std::string small = std::to_string(1 + rng.below(3));
  if (model == "multi-register") {
    std::string all = "[";
    for (std::uint64_t i = 1 + rng.below(2); i > 0; --i) {
      all += all.size() == 1 ? "" : ",";
      const std::string key(1, static_cast<char>('x' + rng.below(2)));
      all += rng.below(2) == 0 ? "[read," + key + ",0]" : "[write," + key + "," + small + "]";
    }
    return all + "]";
  }
  if (function == "put" || function == "append") {
    if (model == "append-list") return std::to_string(serial % 5);
    return std::string(1, static_cast<char>('a' + rng.below(3)));
  }
  if (function == "contains") return "[" + small + ",true]";
  const bool has_argument = function == "write" || function == "add" || function == "remove" ||
                            function == "subtract" || function == "enqueue" || function == "push";
  return has_argument ? small : "-";
}

bool extend(std::string_view model, const std::vector<ObjectOp>& ops, std::vector<char>& is_placed,
            const Object& object);

bool try_op(std::string_view model, const std::vector<ObjectOp>& ops, std::vector<char>& is_placed,
            const Object& object, std::size_t i) {
  const ObjectOp& op = ops[i];
  std::vector<std::string> wanted = {op.value};
  if (op.is_crashed && model == "unordered-queue" && op.function == "dequeue") {
    wanted.clear();
    for (const int item : object.items) wanted.push_back(std::to_string(item));
  }
  for (const std::string& answer : wanted) {
    const bool is_known = !op.is_crashed || wanted.front() != op.value;
    Object next = object;
    const Answer got = perform(model, op, next, is_known ? &answer : nullptr);
    if (!got || (is_known && *got != answer)) continue;
    is_placed[i] = 1;
    if (extend(model, ops, is_placed, next)) return true;
    is_placed[i] = 0;
  }
  return false;
}

bool extend(std::string_view model, const std::vector<ObjectOp>& ops, std::vector<char>& is_placed,
            const Object& object) {
  int first_return = 1 << 30;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (is_placed[i] == 0 && !ops[i].is_crashed) {
      first_return = std::min(first_return, ops[i].completed);
    }
  }
  if (first_return == 1 << 30) return true;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (is_placed[i] != 0 || ops[i].sent > first_return) continue;
    if (try_op(model, ops, is_placed, object, i)) return true;
  }
  return false;
}

}  // namespace

const std::vector<std::string>& oracle_models() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Vocabulary& vocabulary : vocabularies()) names.emplace_back(vocabulary.model);
    return names;
  }();
  return kNames;
}

Answer perform(std::string_view model, const ObjectOp& op, Object& object,
               const std::string* wanted) {
  const std::string& f = op.function;
  auto& items = object.items;
  if (f == "acquire" || f == "release") return lock(model, op, object, wanted);
  if (f == "txn") return transact(op, object);
  if (f == "generate") {
    const int id = wanted == nullptr ? 1000 + static_cast<int>(items.size()) : std::stoi(*wanted);
    if (std::find(items.begin(), items.end(), id) != items.end()) return std::nullopt;
    items.push_back(id);
    return std::to_string(id);
  }
  if (f == "write") object.text = op.value;
  if (f == "write" || (f == "read" && model == "register")) {
    return object.text.empty() ? "nil" : object.text;
  }
  if (f == "enqueue" || f == "push" || (f == "append" && model == "append-list")) {
    items.push_back(std::stoi(op.value));
    return op.value;
  }
  if (f == "dequeue") return model == "fifo-queue" ? take(items, 0) : take_any(items, wanted);
  if (f == "pop") return take(items, items.empty() ? 0 : items.size() - 1);
  if (model == "append-list") return list(items);
  if (f == "put") object.text.clear();
  if (f == "put" || f == "append") {
    object.text += op.value;
    return op.value;
  }
  if (f == "get") return object.text.empty() ? "nil" : object.text;
  if (model == "set") return collect(op, object);
  if (f == "read") return std::to_string(object.number);  // a counter
  object.number += (f == "add" ? 1 : -1) * std::stoi(op.value);
  return op.value;
}

std::vector<ObjectOp> random_history(std::string_view model, Rng& rng, std::size_t count) {
  const auto vocabulary = std::find_if(vocabularies().begin(), vocabularies().end(),
                                       [&](const Vocabulary& v) { return v.model == model; });
  struct Pending {
    int at;
    ObjectOp op;
  };
  std::vector<Pending> all;
  std::vector<int> free_at(1 + rng.below(4), 0);
  std::vector<int> name(free_at.size());
  int next_name = 0;
  for (int& n : name) n = next_name++;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t who = rng.below(free_at.size());
    Pending pending;
    pending.op.process = name[who];
    pending.op.function = vocabulary->functions[rng.below(vocabulary->functions.size())];
    pending.op.value = argument(model, pending.op.function, rng, static_cast<int>(i));
    pending.op.sent = free_at[who] + 1 + static_cast<int>(rng.below(4));
    pending.at = pending.op.sent + static_cast<int>(rng.below(6));
    pending.op.completed = pending.at + static_cast<int>(rng.below(6));
    pending.op.is_crashed = rng.below(6) == 0;
    free_at[who] = pending.op.completed;
    if (pending.op.is_crashed) {
      name[who] = next_name++;
      pending.at += static_cast<int>(rng.below(30));
      if (rng.below(2) == 0) pending.at = 1 << 30;
    }
    all.push_back(pending);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Pending& a, const Pending& b) { return a.at < b.at; });
  Object object;
  std::vector<ObjectOp> ops;
  for (Pending& pending : all) {
    Object next = object;
    const Answer answer =
        pending.at == 1 << 30 ? std::nullopt : perform(model, pending.op, next, nullptr);
    if (answer) object = next;
    if (!answer && !pending.op.is_crashed) continue;  // refused: it did not happen
    if (!pending.op.is_crashed) pending.op.value = *answer;
    ops.push_back(pending.op);
  }
  std::stable_sort(ops.begin(), ops.end(),
                   [](const ObjectOp& a, const ObjectOp& b) { return a.sent < b.sent; });
  return ops;
}

std::vector<ObjectOp> mutated(std::vector<ObjectOp> ops, Rng& rng) {
  if (ops.size() < 2) return ops;
  ObjectOp& op = ops[rng.below(ops.size())];
  const ObjectOp other = ops[rng.below(ops.size())];
  switch (rng.below(4)) {
    case 0:  // another answer
      if (op.function == other.function) op.value = other.value;
      break;
    case 1:  // later, and short
      op.sent = op.completed;
      break;
    case 2:  // early, and short
      op.completed = op.sent;
      break;
    default:
      ops.erase(ops.begin() + (&op - ops.data()));
  }
  return ops;
}

bool has_object_order(std::string_view model, const std::vector<ObjectOp>& ops) {
  std::vector<char> is_placed(ops.size(), 0);
  return extend(model, ops, is_placed, {});
}

bool is_observation(const ObjectOp& op) {
  return op.function == "read" || op.function == "get" || op.function == "contains";
}

std::string to_text(const std::vector<ObjectOp>& ops) {
  std::string text;
  for (const ObjectOp& op : ops) {
    text += (text.empty() ? "" : " | ") + std::to_string(op.process) +
            (op.is_crashed ? " info " : " ok ") + op.function + " - " + op.value + " @" +
            std::to_string(op.sent) + "-" + std::to_string(op.completed);
  }
  return text;
}

std::string request_for(std::string_view model) {
  std::string request = "linearizable:model=" + std::string(model);
  if (model == "semaphore" || model == "reentrant-lock") request += ",permits=2";
  if (model == "multi-register") request += ",init=0";
  return request;
}

}  // namespace squall::test
