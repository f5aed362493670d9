// How the client `inference` reaches a server: Open Inference Protocol over HTTP or gRPC.
//
// An inference is no read to the error table: it may be billed, logged, cached or counted, so one
// that was sent and not answered is info.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "workload/inference_codec.h"
#include "workload/open_loop.h"

namespace squall {

// Never blocks.  Dropping the last copy ends the connections and drops what is under way.
using InferenceSend =
    std::function<void(const InferenceQuery& query, MonoTime deadline, Done done)>;

struct InferenceServers {
  std::vector<SocketAddress> addresses;  // at least one, in the order to prefer
  Spread spread = Spread::kFirst;
};

[[nodiscard]] Result<InferenceSend> inference_over_http(const InferenceServers& servers,
                                                        const InferenceShape& shape);
[[nodiscard]] Result<InferenceSend> inference_over_grpc(const InferenceServers& servers,
                                                        const InferenceShape& shape);

}  // namespace squall
