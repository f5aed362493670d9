// Readers of other people's formats: each turns a text into a history, or says where it is wrong
// ("file:line:column: …").
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "history/event_pairing.h"
#include "history/history.h"

namespace squall {

// Jepsen's EDN: one operation after the other, or in one vector or list; each a map
//   {:process 0, :type :invoke, :f :read, :value nil, :time 5, :key "x", :error :timeout}
// with or without a tag (#jepsen.history.Op{…}), or a tuple [0 :invoke :read nil].  Porcupine's
// key-value logs are such maps with :key.  Without :time, positions count as nanoseconds.
[[nodiscard]] Result<History> read_edn(std::string_view text, const std::string& name,
                                       ImportFacts* facts = nullptr,
                                       const ImportOptions& options = {});
// Jepsen's log lines: "… jepsen.util - 0\t:invoke\t:read\tnil".  Other lines are ignored and
// counted; a log without any operation is an error.
[[nodiscard]] Result<History> read_jepsen_log(std::string_view text, const std::string& name,
                                              ImportFacts* facts = nullptr,
                                              const ImportOptions& options = {});
// A JSON array of objects, with the short names or with Jepsen's.
[[nodiscard]] Result<History> read_json(std::string_view text, const std::string& name,
                                        ImportFacts* facts = nullptr,
                                        const ImportOptions& options = {});
// EDN that Jepsen and Elle read: a map a line; :index, :time in ns.  Names of functions and of a
// transaction's steps are keywords, keys beside them go into [key value].
[[nodiscard]] std::string write_edn(const History& history);

}  // namespace squall
