// Inferring which value of a register replaced which.
#include <algorithm>
#include <numeric>

#include "checker/selection.h"
#include "checker/txn/key_states.h"
#include "checker/txn/register_versions.h"

namespace squall {
namespace {

// What a transaction met of a key: the first thing, and what it left behind.
struct Meeting {
  TxnKey key = 0;
  TxnIndex txn = 0;
  VersionId first = kNoVersion;
  VersionId last = kNoVersion;
  bool has_written = false;
};

struct Place {
  std::size_t at = 0;  // in the list of meetings, + 1
  void reset() { at = 0; }
};

// One meeting per transaction and key, in the order of transactions.
std::vector<Meeting> meetings_of(const Transactions& txns, const RegisterVersions& versions) {
  std::vector<Meeting> all;
  KeyStates<Place> places(txns.names.keys());
  for (TxnIndex txn = 0; txn < txns.size(); ++txn) {
    if (versions.is_node[txn] == 0) continue;
    places.begin();
    const std::uint32_t end = txns.first[txn] + txns.count[txn];
    for (std::uint32_t i = txns.first[txn]; i < end; ++i) {
      const VersionId version = versions.of_op[i];
      if (version == kNoVersion) continue;
      const bool is_write = txns.ops[i].kind() == MicroKind::kWrite;
      Place& place = places.at(txns.ops[i].key());
      if (place.at == 0) {
        all.push_back({txns.ops[i].key(), txn, version, version, is_write});
        place.at = all.size();
        continue;
      }
      Meeting& met = all[place.at - 1];
      // Of several writes only the last is a version; and what is read after a write is one's own.
      if (is_write && met.has_written && met.first == met.last) met.first = version;
      if (is_write || !met.has_written) met.last = version;
      met.has_written |= is_write;
    }
  }
  return all;
}

class Inference {
 public:
  Inference(const Transactions& txns, const RegisterVersions& versions,
            const RegisterOptions& options, Anomalies& anomalies)
      : txns_(txns), versions_(versions), options_(options), anomalies_(anomalies) {}

  std::vector<VersionStep> run() {
    const std::vector<Meeting> meetings = meetings_of(txns_, versions_);
    for (const Meeting& met : meetings) {
      if (options_.wfr_keys && met.has_written) step(met.first, met.last);
    }
    if (options_.sequential_keys) sequential(meetings);
    if (options_.linearizable_keys && txns_.has_times()) linearizable(meetings);
    tidy();
    if (options_.initial_state) initial();
    drop_cycles();
    return std::move(steps_);
  }

 private:
  void step(VersionId from, VersionId to) {
    if (from != to) steps_.push_back({from, to});
  }

  void follow(const Meeting& before, const Meeting& after) {
    step(before.last, after.first);
    step(before.last, after.last);
  }

  void sequential(const std::vector<Meeting>& meetings) {
    std::unordered_map<std::uint64_t, std::size_t> last;  // by session and key
    for (std::size_t i = 0; i < meetings.size(); ++i) {
      const std::uint64_t place =
          std::uint64_t{txns_.session[meetings[i].txn]} << 32U | meetings[i].key;
      const auto [known, is_first] = last.try_emplace(place, i);
      if (!is_first) follow(meetings[known->second], meetings[i]);
      known->second = i;
    }
  }

  struct Event {
    std::int64_t at;
    bool is_end;
    std::uint32_t meeting;
  };

  void linearizable(const std::vector<Meeting>& meetings) {
    std::vector<std::uint32_t> order(meetings.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return meetings[a].key < meetings[b].key;
    });
    std::vector<Event> events;
    for (std::size_t i = 0; i < order.size();) {
      events.clear();
      const TxnKey key = meetings[order[i]].key;
      for (; i < order.size() && meetings[order[i]].key == key; ++i) {
        add_events(meetings[order[i]].txn, order[i], events);
      }
      // What begins at the moment when something ends does not come after it.
      std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        if (a.at != b.at) return a.at < b.at;
        return a.is_end != b.is_end ? b.is_end : a.meeting < b.meeting;
      });
      along_time(meetings, events);
    }
  }

  void add_events(TxnIndex txn, std::uint32_t meeting, std::vector<Event>& events) const {
    const std::int64_t error = txns_.sessions[txns_.session[txn]].clock_error.count();
    events.push_back({shifted(txns_.sent[txn], -error), false, meeting});
    if (txns_.outcome[txn] != Outcome::kOk) return;
    events.push_back({shifted(txns_.completed[txn], error), true, meeting});
  }

  // The frontier: what has ended, but for what came before something else that has ended.
  void along_time(const std::vector<Meeting>& meetings, const std::vector<Event>& events) {
    std::vector<std::uint32_t> frontier;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> before;
    for (const Event& event : events) {
      if (!event.is_end) {
        for (const std::uint32_t i : frontier) follow(meetings[i], meetings[event.meeting]);
        before[event.meeting] = frontier;
        continue;
      }
      const std::vector<std::uint32_t>& gone = before[event.meeting];
      std::erase_if(frontier, [&](std::uint32_t i) {
        return std::find(gone.begin(), gone.end(), i) != gone.end();
      });
      frontier.push_back(event.meeting);
      before.erase(event.meeting);
    }
  }

  void tidy() {
    std::sort(steps_.begin(), steps_.end());
    steps_.erase(std::unique(steps_.begin(), steps_.end()), steps_.end());
  }

  // From nil to what nothing else leads to.
  void initial() {
    std::vector<char> is_led_to(versions_.value.size(), 0);
    for (const VersionStep& known : steps_) is_led_to[known.to] = 1;
    for (TxnKey key = 0; key + 1 < versions_.start.size(); ++key) {
      const VersionId nil = versions_.start[key];
      for (VersionId version = nil + 1; version < versions_.start[key + 1]; ++version) {
        if (is_led_to[version] == 0 || is_led_to[nil] != 0) steps_.push_back({nil, version});
      }
    }
    tidy();
  }

  void drop_cycles() {
    GraphBuilder builder(versions_.value.size());
    for (const VersionStep& known : steps_) builder.add(known.from, known.to, Link::kPass);
    const Components components = strong_components(builder.build(), links(Link::kPass));
    std::vector<char> is_cyclic(txns_.names.keys(), 0);
    bool is_any = false;
    for (const VersionStep& known : steps_) {
      if (components.of[known.from] != components.of[known.to]) continue;
      const TxnKey key = key_of(known.from);
      if (is_cyclic[key] == 0) cyclic(key, known, components);
      is_cyclic[key] = 1;
      is_any = true;
    }
    if (!is_any) return;
    std::erase_if(steps_,
                  [&](const VersionStep& known) { return is_cyclic[key_of(known.from)] != 0; });
  }

  [[nodiscard]] TxnKey key_of(VersionId version) const {
    const auto above = std::upper_bound(versions_.start.begin(), versions_.start.end(), version);
    return static_cast<TxnKey>(above - versions_.start.begin() - 1);
  }

  void cyclic(TxnKey key, const VersionStep& known, const Components& components) {
    anomalies_.add("cyclic-versions", [&] {
      std::vector<VersionId> way = {known.to};
      std::vector<VersionId> from(versions_.value.size(), kNoVersion);
      for (std::size_t i = 0; i < way.size() && way[i] != known.from; ++i) {
        const auto first = std::lower_bound(steps_.begin(), steps_.end(), VersionStep{way[i], 0});
        for (auto it = first; it != steps_.end() && it->from == way[i]; ++it) {
          const bool is_inside = components.of[it->to] == components.of[known.to];
          if (!is_inside || from[it->to] != kNoVersion || it->to == known.to) continue;
          from[it->to] = way[i];
          way.push_back(it->to);
        }
      }
      std::string text = txns_.names.value_name(versions_.value[known.to]);
      for (VersionId at = known.from; at != known.to; at = from[at]) {
        text = txns_.names.value_name(versions_.value[at]) + ", then " + text;
      }
      text = txns_.names.value_name(versions_.value[known.to]) + ", then " + text;
      std::vector<TxnIndex> writers;
      for (const VersionId version : {known.from, known.to}) {
        if (versions_.writer[version] != kNobody) writers.push_back(versions_.writer[version]);
      }
      return Anomaly{
          {}, 0, writers, txns_.names.key_name(key) + " was, one after the other, " + text};
    });
  }

  const Transactions& txns_;
  const RegisterVersions& versions_;
  const RegisterOptions& options_;
  Anomalies& anomalies_;
  std::vector<VersionStep> steps_;
};

}  // namespace

std::vector<VersionStep> version_steps(const Transactions& txns, const RegisterVersions& versions,
                                       const RegisterOptions& options, Anomalies& anomalies) {
  return Inference(txns, versions, options, anomalies).run();
}

}  // namespace squall
