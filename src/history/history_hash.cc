// Texts with their length in front: no two different recordings give the same bytes.
#include "history/history_hash.h"

#include <map>

#include "base/digest.h"

namespace squall {
namespace {

void add_text(const std::string& text, Digest& digest) {
  digest.add(static_cast<std::int64_t>(text.size()));
  digest.add(text);
}

void add_fault(const FaultInterval& fault, Digest& digest) {
  for (const std::string* text : {&fault.id, &fault.kind, &fault.targets, &fault.parameters,
                                  &fault.selected_by, &fault.ending}) {
    add_text(*text, digest);
  }
  for (const std::int64_t number : {fault.requested_start, fault.requested_end, fault.start,
                                    fault.end, std::int64_t{fault.is_event}}) {
    digest.add(number);
  }
}

}  // namespace

std::string history_hash(const Recording& recording) {
  Digest digest;
  add_text(recording.history.digest(), digest);
  std::map<std::string, const FaultInterval*> by_id;
  for (const FaultInterval& fault : recording.faults) by_id[fault.id] = &fault;
  for (const auto& [id, fault] : by_id) add_fault(*fault, digest);
  return digest.hex();
}

}  // namespace squall
