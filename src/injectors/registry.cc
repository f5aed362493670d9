// The table of all fault kinds: the one place to read what there is.
#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "faults/fault_text.h"
#include "injectors/injector.h"
#include "injectors/rows.h"

namespace squall {

std::span<const InjectorRow> injectors() {
  static const std::array kRows = {
      clock_skew_row(),        network_delay_row(), network_loss_row(),
      network_partition_row(), process_kill_row(),  process_pause_row(),
  };
  return kRows;
}

const InjectorRow* find_injector(std::string_view kind) {
  const auto rows = injectors();
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [kind](const InjectorRow& row) { return row.kind == kind; });
  return found == rows.end() ? nullptr : &*found;
}

Result<const InjectorRow*> require_injector(std::string_view kind) {
  if (const InjectorRow* row = find_injector(kind)) return row;
  std::vector<std::string> kinds;
  for (const InjectorRow& row : injectors()) kinds.emplace_back(row.kind);
  return Error{Errc::kInvalid,
               "unknown fault '" + std::string(kind) + "'" + suggestion(kind, kinds)};
}

Result<Fault> make_fault(FaultId id, std::string_view kind, std::vector<std::vector<Target>> sides,
                         const std::map<std::string, std::string>& params) {
  const InjectorRow* row = TRY(require_injector(kind));
  Params checked = TRY(make_params(row->params, params).in(std::string(kind) + " " + id.get()));
  return Fault{std::move(id), std::string(kind), std::move(sides), std::move(checked)};
}

Result<Fault> parse_fault(std::string_view line) {
  FaultText text = TRY(parse_fault_text(line));
  return make_fault(std::move(text.id), text.kind, std::move(text.sides), text.params);
}

Result<std::vector<TargetedEffect>> effects_of(const Fault& fault, const HostFacts& host) {
  const InjectorRow* row = TRY(require_injector(fault.kind));
  return row->effects(fault, host).in(fault.kind + " " + fault.id.get());
}

}  // namespace squall
