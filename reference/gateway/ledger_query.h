// Adds up what all replicas have executed, by idempotency key.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "reference/base/http_client.h"
#include "reference/base/http_server.h"
#include "reference/registry/records.h"

namespace squall::reference {

// Executions by key, as replicas tell them.
class LedgerSum {
 public:
  // `body` is a replica's answer to GET /ledger.
  [[nodiscard]] Result<> add(const std::string& replica, const std::string& body);
  void add_missing(const std::string& replica) { missing_.push_back(replica); }
  // {"replicas":["m1"],"missing":["m2"],"keys":2,"executions":3,"duplicates":{"k1":2}}
  [[nodiscard]] std::string to_json() const;

 private:
  std::vector<std::string> replicas_{};
  std::vector<std::string> missing_{};
  std::map<std::string, std::int64_t> counts_{};
};

// Asks them all, and answers when the last one has answered or its time is up.
void query_ledgers(HttpClient& client, const std::vector<ReplicaRecord>& replicas, Duration timeout,
                   const HttpReply& reply);

}  // namespace squall::reference
