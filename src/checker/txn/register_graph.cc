// wr from a value's writer to its readers, ww and rw along the steps that are known.
#include <algorithm>
#include <numeric>

#include "checker/txn/register_versions.h"

namespace squall {
namespace {

// Transactions that read a version which they had not written, by version.
struct Readers {
  std::vector<std::uint32_t> start;
  std::vector<TxnIndex> txn;

  [[nodiscard]] std::span<const TxnIndex> of(VersionId version) const {
    return std::span(txn).subspan(start[version], start[version + 1] - start[version]);
  }
};

template <typename Take>
void each_read(const Transactions& txns, const RegisterVersions& versions, const Take& take) {
  for (TxnIndex txn = 0; txn < txns.size(); ++txn) {
    if (txns.outcome[txn] != Outcome::kOk) continue;
    const std::uint32_t end = txns.first[txn] + txns.count[txn];
    for (std::uint32_t i = txns.first[txn]; i < end; ++i) {
      const VersionId version = versions.of_op[i];
      if (version == kNoVersion || txns.ops[i].kind() != MicroKind::kRead) continue;
      if (versions.writer[version] != txn) take(version, txn);
    }
  }
}

Readers readers_of(const Transactions& txns, const RegisterVersions& versions) {
  Readers readers;
  readers.start.assign(versions.value.size() + 1, 0);
  each_read(txns, versions, [&](VersionId version, TxnIndex) { ++readers.start[version + 1]; });
  std::partial_sum(readers.start.begin(), readers.start.end(), readers.start.begin());
  readers.txn.resize(readers.start.back());
  std::vector<std::uint32_t> next(readers.start.begin(), readers.start.end() - 1);
  each_read(txns, versions,
            [&](VersionId version, TxnIndex txn) { readers.txn[next[version]++] = txn; });
  return readers;
}

std::string value_of(const Transactions& txns, const RegisterVersions& versions,
                     VersionId version) {
  return txns.names.value_name(versions.value[version]);
}

}  // namespace

void add_register_dependencies(const Transactions& txns, const RegisterVersions& versions,
                               std::span<const VersionStep> steps, GraphBuilder& builder) {
  const Readers readers = readers_of(txns, versions);
  const auto is_node = [&](TxnIndex txn) { return txn != kNobody && versions.is_node[txn] != 0; };
  for (VersionId version = 0; version < versions.value.size(); ++version) {
    const TxnIndex writer = versions.writer[version];
    if (!is_node(writer) || versions.is_intermediate[version] != 0) continue;
    for (const TxnIndex reader : readers.of(version)) builder.add(writer, reader, Link::kWr);
  }
  std::vector<TxnIndex> next;
  for (std::size_t i = 0; i < steps.size();) {
    const VersionId from = steps[i].from;
    next.clear();
    for (; i < steps.size() && steps[i].from == from; ++i) {
      const TxnIndex writer = versions.writer[steps[i].to];
      if (is_node(writer)) next.push_back(writer);
    }
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    const TxnIndex writer = versions.writer[from];
    if (is_node(writer)) builder.add_all(std::span(&writer, 1), next, Link::kWw);
    builder.add_all(readers.of(from), next, Link::kRw);
  }
}

std::string because_of_registers(const Transactions& txns, const RegisterVersions& versions,
                                 std::span<const VersionStep> steps, const CycleStep& step) {
  const std::string from = txn_name(txns, step.from);
  const std::string to = txn_name(txns, step.to);
  for (std::uint32_t i = 0; i < txns.count[step.to]; ++i) {
    const std::uint32_t op = txns.first[step.to] + i;
    const VersionId later = versions.of_op[op];
    if (later == kNoVersion) continue;
    const bool is_write = txns.ops[op].kind() == MicroKind::kWrite;
    const std::string key = txns.names.key_name(txns.ops[op].key());
    const std::string value = value_of(txns, versions, later);
    if (step.link == Link::kWr) {
      if (is_write || versions.writer[later] != step.from) continue;
      return to + " read " + key + " = " + value + ", which " + from + " wrote";
    }
    for (std::uint32_t j = 0; is_write && j < txns.count[step.from]; ++j) {
      const std::uint32_t before = txns.first[step.from] + j;
      const VersionId earlier = versions.of_op[before];
      if (earlier == kNoVersion) continue;
      const bool was_write = txns.ops[before].kind() == MicroKind::kWrite;
      if (was_write != (step.link == Link::kWw)) continue;
      if (!std::binary_search(steps.begin(), steps.end(), VersionStep{earlier, later})) continue;
      const std::string old = value_of(txns, versions, earlier);
      if (was_write) return to + " wrote " + key + " = " + value + " over " + from + "'s " + old;
      return from + " read " + key + " = " + old + ", which " + to + " overwrote with " + value;
    }
  }
  return to + " came after " + from;
}

}  // namespace squall
