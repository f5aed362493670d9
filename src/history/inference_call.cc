// Inference calls to and from operations' values.
#include "history/inference_call.h"

#include <span>

#include "history/utf8.h"

namespace squall {
namespace {

constexpr std::size_t kRequestItems = 4;
constexpr std::size_t kReplyItems = 13;

void append_text(const std::string& text, std::string& out) {
  out += ',';
  append_json_string(to_utf8(text), out);
}
void append_integer(std::int64_t value, std::string& out) {
  out += ',' + std::to_string(value);
}

void append_request(const InferenceRequest& request, std::string& out) {
  append_json_string(to_utf8(request.id), out);
  append_integer(request.nonce, out);
  append_text(request.user, out);
  append_integer(request.input, out);
}

// The items of one call; a look at an item of another kind makes the whole value another shape.
class Items {
 public:
  Items(const Values& values, std::span<const ValueId> ids) : values_(values), ids_(ids) {}

  std::string text(std::size_t at) { return is(at, ValueKind::kText) ? text_at(at) : ""; }
  std::int64_t integer(std::size_t at) {
    return is(at, ValueKind::kInteger) ? values_.as_integer(ids_[at]) : 0;
  }
  std::vector<std::int64_t> integers(std::size_t at) {
    std::vector<std::int64_t> all;
    if (!is(at, ValueKind::kList)) return all;
    Items inner(values_, values_.as_list(ids_[at]));
    for (std::size_t i = 0; i < inner.ids_.size(); ++i) all.push_back(inner.integer(i));
    is_whole_ = is_whole_ && inner.is_whole_;
    return all;
  }
  [[nodiscard]] bool is_whole() const { return is_whole_; }

 private:
  [[nodiscard]] std::string text_at(std::size_t at) const {
    return std::string(values_.as_text(ids_[at]));
  }
  bool is(std::size_t at, ValueKind kind) {
    is_whole_ = is_whole_ && values_.kind(ids_[at]) == kind;
    return is_whole_;
  }

  const Values& values_;
  std::span<const ValueId> ids_;
  bool is_whole_ = true;
};

}  // namespace

std::string to_json(const InferenceRequest& request) {
  std::string out = "[";
  append_request(request, out);
  return out + "]";
}

std::string to_json(const InferenceRequest& request, const InferenceReply& reply) {
  std::string out = "[";
  append_request(request, out);
  append_text(reply.id, out);
  append_integer(reply.nonce, out);
  append_text(reply.version, out);
  append_integer(reply.epoch, out);
  append_text(reply.cohort, out);
  append_text(reply.gateway, out);
  append_text(reply.replica, out);
  out += ",[";
  for (std::size_t i = 0; i < reply.outputs.size(); ++i) {
    out += (i == 0 ? "" : ",") + std::to_string(reply.outputs[i]);
  }
  out += ']';
  append_integer(reply.attempts, out);
  return out + "]";
}

std::optional<InferenceCall> inference_call(const History& history, OpIndex index) {
  const Operation operation = history.at(index);
  const Values& values = history.values();
  if (history.functions().name(operation.function) != kInferFunction) return std::nullopt;
  if (operation.value == kAbsent || values.kind(operation.value) != ValueKind::kList) {
    return std::nullopt;
  }
  const std::span<const ValueId> ids = values.as_list(operation.value);
  if (ids.size() != kRequestItems && ids.size() != kReplyItems) return std::nullopt;
  Items items(values, ids);
  InferenceCall call{.request = {.id = items.text(0),
                                 .nonce = items.integer(1),
                                 .user = items.text(2),
                                 .input = items.integer(3)},
                     .reply = {}};
  if (ids.size() == kReplyItems) {
    call.reply = InferenceReply{.id = items.text(4),
                                .nonce = items.integer(5),
                                .version = items.text(6),
                                .epoch = items.integer(7),
                                .cohort = items.text(8),
                                .gateway = items.text(9),
                                .replica = items.text(10),
                                .outputs = items.integers(11),
                                .attempts = items.integer(12)};
  }
  if (!items.is_whole()) return std::nullopt;
  return call;
}

}  // namespace squall
