// Read, compare, set.
#include "reference/rollout/publisher.h"

namespace squall::reference {

std::string_view to_text(Published published) {
  switch (published) {
    case Published::kWritten:
      return "written";
    case Published::kThere:
      return "there";
    case Published::kOverrun:
      return "overrun";
    case Published::kRaced:
      break;
  }
  return "raced";
}

Result<Published> publish(EtcdClient& registry, std::string_view model, const ModelConfig& config,
                          MonoTime deadline) {
  etcd::KeyValue item{.key = config_key(model), .value = to_json(config), .mod_revision = 0};
  const etcd::RangeReply known =
      TRY(registry.read(item.key, etcd::ReadMode::kLinearizable, deadline));
  if (!known.items.empty()) {
    const etcd::KeyValue& found = known.items.front();
    item.mod_revision = found.mod_revision;
    const Result<ModelConfig> there = parse_model_config(found.value);
    // What cannot be read is nobody's configuration: it may be replaced.
    if (there.ok() && *there == config) return Published::kThere;
    if (there.ok() && there->epoch >= config.epoch) return Published::kOverrun;
  }
  const bool is_written = TRY(registry.put_if_unchanged(item, deadline));
  return is_written ? Published::kWritten : Published::kRaced;
}

}  // namespace squall::reference
