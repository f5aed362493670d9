// Keys and rates, which all objects share.
#include "history/generate/objects.h"

#include <algorithm>

#include "base/nearest.h"

namespace squall {

KeyPicker::KeyPicker(std::uint64_t operations, std::uint64_t keys, std::uint64_t at_once)
    : keys_(std::max<std::uint64_t>(keys, 1)),
      at_once_(std::clamp<std::uint64_t>(at_once, 1, keys_)),
      operations_each_(std::max<std::uint64_t>(operations * at_once_ / keys_, 1)) {}

std::uint32_t KeyPicker::pick(std::uint64_t number, Rng& rng) const {
  const std::uint64_t first = number / operations_each_ * at_once_;
  const std::uint64_t key = std::min(first + rng.below(at_once_), keys_ - 1);
  return static_cast<std::uint32_t>(key);
}

std::string KeyPicker::json(std::uint32_t key) const {
  return keys_ == 1 ? std::string() : std::to_string(key);
}

bool errs(const FaultRates& rates, std::string_view name, Rng& rng) {
  const auto rate = rates.find(name);
  return rate != rates.end() && rng.unit() < rate->second;
}

Result<FaultRates> parse_faults(const std::string& text, std::string_view names) {
  const std::vector<std::string> known = split_choices(names);
  FaultRates rates;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string item = text.substr(at, end - at);
    at = end + 1;
    const std::size_t equals = item.find('=');
    const std::string name = item.substr(0, equals);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Error{Errc::kInvalid, "--faulty: unknown '" + name + "'" + suggestion(name, known)};
    }
    static constexpr ParamSpec kRate{"rate", ParamType::kPercent, kRequired, "how often", ""};
    if (equals == std::string::npos) {
      return Error{Errc::kInvalid, "--faulty: '" + name + "' wants a rate: " + name + "=1%"};
    }
    const Params rate = TRY(make_params(std::span(&kRate, 1), {{"rate", item.substr(equals + 1)}})
                                .in("--faulty: " + name));
    rates[name] = rate.percent("rate");
  }
  return rates;
}

}  // namespace squall
