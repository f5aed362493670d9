// Writes a model's configurations to the registry, each only over the one that was read.
#pragma once

#include <string>

#include "reference/registry/etcd_client.h"
#include "reference/registry/records.h"

namespace squall::reference {

enum class Published {
  kWritten,
  kThere,    // this very configuration was there already: an earlier try succeeded after all
  kOverrun,  // the registry holds this epoch with other contents, or a later one: somebody else
             // rolls out, and we must not take that back
  kRaced,    // somebody else wrote between our read and our write: try again
};
[[nodiscard]] std::string_view to_text(Published published);

// One read and at most one write: compare-and-set on what the key held.  Two controllers cannot
// overwrite each other unseen, and a delayed one cannot bring back an old plan.  Errors: the
// registry did not answer in time, and nobody knows whether it wrote; try again.
[[nodiscard]] Result<Published> publish(EtcdClient& registry, std::string_view model,
                                        const ModelConfig& config, MonoTime deadline);

}  // namespace squall::reference
