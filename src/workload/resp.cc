// Parsing is hiredis's; the socket is ours, because we must know what was sent.
#include "workload/resp.h"

#include <hiredis/hiredis.h>

#include <memory>

namespace squall {
namespace {

constexpr int kMaxDepth = 16;

struct FreeReader {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

RespValue convert(const redisReply& reply, int depth) {
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      return {.kind = RespValue::Kind::kText, .text = std::string(reply.str, reply.len)};
    case REDIS_REPLY_ERROR:
      return {.kind = RespValue::Kind::kError, .text = std::string(reply.str, reply.len)};
    case REDIS_REPLY_INTEGER:
      return {.kind = RespValue::Kind::kInteger, .integer = reply.integer};
    case REDIS_REPLY_ARRAY: {
      RespValue list{.kind = RespValue::Kind::kList};
      if (depth == kMaxDepth) return list;
      for (std::size_t i = 0; i < reply.elements; ++i) {
        list.items.push_back(convert(*reply.element[i], depth + 1));
      }
      return list;
    }
    default:
      return {};
  }
}

std::string format(const std::vector<std::string>& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return out;
}

}  // namespace

std::string RespValue::to_text() const {
  switch (kind) {
    case Kind::kNothing:
      return "(nil)";
    case Kind::kInteger:
      return std::to_string(integer);
    case Kind::kText:
    case Kind::kError:
      return text;
    case Kind::kList:
      break;
  }
  std::string out;
  for (const RespValue& item : items) out += (out.empty() ? "" : "\n") + item.to_text();
  return out;
}

Result<> RespClient::connect(MonoTime deadline) {
  times_ = {};
  if (connection_ && connection_->is_quiet()) return {};
  connection_.reset();
  connection_ = TRY(Connection::open(server_, deadline, netns_));
  return {};
}

Result<RespValue> RespClient::command(const std::vector<std::string>& words, MonoTime deadline) {
  (void)TRY(connect(deadline));
  connection_->begin();
  const Result<> sent = connection_->send(format(words), deadline);
  Result<RespValue> answer = sent.ok() ? receive(deadline) : Result<RespValue>(sent.error());
  times_ = connection_->times();
  if (!answer.ok()) connection_.reset();
  return answer;
}

Result<RespValue> RespClient::receive(MonoTime deadline) {
  const std::unique_ptr<redisReader, FreeReader> reader(redisReaderCreate());
  std::string received;
  while (true) {
    received.clear();
    const std::size_t count = TRY(connection_->receive(received, deadline));
    if (count == 0) return Error{Errc::kIo, "the server closed the connection"};
    void* parsed = nullptr;
    if (redisReaderFeed(reader.get(), received.data(), received.size()) != REDIS_OK ||
        redisReaderGetReply(reader.get(), &parsed) != REDIS_OK) {
      return Error{Errc::kIo, std::string("not a RESP answer: ") + reader->errstr};
    }
    if (parsed == nullptr) continue;
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(parsed));
    return convert(*reply, 0);
  }
}

}  // namespace squall
