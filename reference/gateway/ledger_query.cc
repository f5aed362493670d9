// Sums of ledgers.
#include "reference/gateway/ledger_query.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace squall::reference {

using nlohmann::json;

Result<> LedgerSum::add(const std::string& replica, const std::string& body) {
  const json ledger = json::parse(body, nullptr, false);
  const json counts = ledger.is_object() ? ledger.value("counts", json()) : json();
  const bool is_right = counts.is_object() &&
                        std::all_of(counts.begin(), counts.end(),
                                    [](const json& count) { return count.is_number_integer(); });
  if (!is_right) return Error{Errc::kIo, replica + ": not a ledger"};
  for (const auto& [key, count] : counts.items()) counts_[key] += count.get<std::int64_t>();
  replicas_.push_back(replica);
  return {};
}

std::string LedgerSum::to_json() const {
  std::int64_t executions = 0;
  json duplicates = json::object();
  for (const auto& [key, count] : counts_) {
    executions += count;
    if (count > 1) duplicates[key] = count;
  }
  return json{{"replicas", replicas_},
              {"missing", missing_},
              {"keys", counts_.size()},
              {"executions", executions},
              {"duplicates", duplicates}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

void query_ledgers(HttpClient& client, const std::vector<ReplicaRecord>& replicas, Duration timeout,
                   const HttpReply& reply) {
  struct Query {
    LedgerSum sum{};
    std::size_t waiting = 0;
  };
  const auto query = std::make_shared<Query>();
  const auto finish = [query, reply] {
    HttpResponse response{.body = query->sum.to_json()};
    response.headers.add("content-type", "application/json");
    reply(std::move(response));
  };
  query->waiting = replicas.size();
  if (replicas.empty()) return finish();
  for (const ReplicaRecord& replica : replicas) {
    client.call(replica.http, {.target = "/ledger"}, timeout,
                [query, finish, name = replica.name](const HttpOutcome& outcome) {
                  const bool is_there = outcome.answer.ok() && outcome.answer->status == 200 &&
                                        query->sum.add(name, outcome.answer->body).ok();
                  if (!is_there) query->sum.add_missing(name);
                  if (--query->waiting == 0) finish();
                });
  }
}

}  // namespace squall::reference
