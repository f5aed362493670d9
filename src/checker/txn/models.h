// Isolation models, which of them is stronger than which, and what each anomaly rules out.
//
// The names and the order follow Adya ("Weak Consistency", 1999), Cerone et al. (CONCUR 2015) and
// Elle (VLDB 2020); an anomaly that rules out a model rules out all stronger ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

// A set of models, one bit each in the order of isolation_models().
using ModelSet = std::uint64_t;

// From the weakest to the strongest in a way that no model stands before one that it implies.
[[nodiscard]] std::span<const std::string_view> isolation_models();
// "causal" is causal-cerone, "strict-serializable" is strong-serializable.
[[nodiscard]] std::optional<std::size_t> find_isolation_model(std::string_view name);
[[nodiscard]] std::string model_choices();  // "read-uncommitted|read-committed|…"
// The model and all stronger ones.
[[nodiscard]] ModelSet at_least(std::size_t model);
// What an anomaly rules out, stronger models included; CHECKs that the name is known.
[[nodiscard]] ModelSet ruled_out_by(std::string_view anomaly);
[[nodiscard]] std::vector<std::string_view> anomaly_names();
// Of a set, those that no other one of it is weaker than: enough to say.
[[nodiscard]] std::vector<std::string_view> weakest(ModelSet set);
// Of a set, those that no other one of it is stronger than.
[[nodiscard]] std::vector<std::string_view> strongest(ModelSet set);
[[nodiscard]] ModelSet all_models();

}  // namespace squall
