// Claim, execute, settle.
#include "reference/base/idempotent_handler.h"

#include <utility>

#include "reference/base/answer_memory.h"
#include "reference/base/json_text.h"

namespace squall::reference {
namespace {

constexpr int kOk = 200;
constexpr int kMisusedKey = 422;
constexpr int kServerError = 500;

HttpResponse json_response(int status, std::string body) {
  HttpResponse response{.status = status, .body = std::move(body)};
  response.headers.add("content-type", "application/json");
  return response;
}

}  // namespace

struct IdempotentHandler::State {
  State(const Clock& time, bool does_remember, HttpHandler handler)
      : clock(time), remembers(does_remember), inner(std::move(handler)) {}

  void on_answer(const std::string& key, HttpResponse& response) {
    if (response.status == kOk) {
      response.headers.set("x-executions", std::to_string(ledger.count(key)));
    }
    if (!remembers) return;
    const MonoTime now = clock.mono();
    if (response.status < kServerError) {
      memory.settle(key, response, now);
    } else {
      memory.release(key, response, "", now);
    }
  }

  const Clock& clock;
  bool remembers;
  HttpHandler inner;
  AnswerMemory memory{};
  Ledger ledger{};
};

IdempotentHandler::IdempotentHandler(const Clock& clock, bool remembers, HttpHandler inner)
    : state_(std::make_shared<State>(clock, remembers, std::move(inner))) {}

void IdempotentHandler::handle(HttpRequest request, HttpReply reply) {
  if (request.method == "GET" && path_of(request.target) == "/ledger") {
    return reply(json_response(kOk, state_->ledger.to_json()));
  }
  const std::string key(request.headers.get("idempotency-key"));
  if (request.method != "POST" || key.empty()) {
    return state_->inner(std::move(request), std::move(reply));
  }
  if (state_->remembers) {
    const std::size_t fingerprint = std::hash<std::string>{}(request.target + '\n' + request.body);
    const auto repeat = [reply](const HttpResponse& known) {
      HttpResponse again = known;
      again.headers.set("x-idempotent-replay", "true");
      reply(std::move(again));
    };
    const auto claim = state_->memory.claim(key, fingerprint, state_->clock.mono(), repeat);
    if (claim == AnswerMemory::Claim::kMisused) {
      return reply(json_response(
          kMisusedKey, error_body("idempotency key '" + key + "' was used for another request")));
    }
    if (claim != AnswerMemory::Claim::kFirst) return;
  }
  state_->inner(std::move(request), [state = state_, key, reply](HttpResponse response) {
    state->on_answer(key, response);
    reply(std::move(response));
  });
}

}  // namespace squall::reference
