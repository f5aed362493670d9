// Idempotency keys in front of any HTTP handler: an answer is given again instead of executing
// again, and a ledger counts what was executed.
#pragma once

#include <memory>

#include "base/time.h"
#include "reference/base/http_server.h"

namespace squall::reference {

// Loop thread only.  POSTs with an `idempotency-key` are watched, all else is passed on, except
// GET /ledger: {"counts":{"<key>":<executions answered with 200>,…}}.
class IdempotentHandler {
 public:
  // `remembers` false: keys are counted, but everything is executed.
  IdempotentHandler(const Clock& clock, bool remembers, HttpHandler inner);

  // An answer says in `x-executions` how often its key was executed here; one from memory says
  // `x-idempotent-replay: true`.
  void handle(HttpRequest request, HttpReply reply);

 private:
  struct State;
  std::shared_ptr<State> state_;  // answers under way keep it
};

}  // namespace squall::reference
