// A client's way to an etcd cluster: its endpoints in the order to prefer, one at a time.
#pragma once

#include <functional>
#include <vector>

#include "workload/etcd_api.h"
#include "workload/http.h"

namespace squall {

// Not thread-safe.  There are no retries: an endpoint that cannot be reached is passed over only
// before anything was sent; one that failed is left after the operation has ended.
class EtcdSession {
 public:
  EtcdSession(const std::vector<EndpointAddress>& endpoints, std::uint16_t port);

  // Sends the request and lets `read` judge an answer with status 200; everything else goes by the
  // error table.
  [[nodiscard]] Answer perform(const HttpRequest& request, HasEffect effect, MonoTime deadline,
                               const std::function<Result<Answer>(const std::string&)>& read);

 private:
  [[nodiscard]] Result<> connect(MonoTime deadline);
  void leave() { current_ = (current_ + 1) % servers_.size(); }

  std::vector<HttpClient> servers_{};
  std::size_t current_ = 0;
};

}  // namespace squall
