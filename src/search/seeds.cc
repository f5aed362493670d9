// Seeds as text → cases.
#include "search/seeds.h"

#include <charconv>
#include <set>

namespace squall {
namespace {

std::optional<std::uint64_t> whole(std::string_view text) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  if (!is_whole || text.empty()) return std::nullopt;
  return number;
}

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

Error too_many() {
  return Error{Errc::kInvalid,
               "more than " + std::to_string(kMaxCases) + " runs; split them over several hunts"};
}

// "7" or "1..500".
Result<> add_part(std::string_view part, std::set<std::uint64_t>& known,
                  std::vector<std::uint64_t>& seeds) {
  const std::size_t dots = part.find("..");
  const auto first = whole(part.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : whole(part.substr(dots + 2));
  if (!first || !last) {
    return Error{Errc::kInvalid,
                 quoted(part) + " is no seed and no range of seeds; write 7, 1..500 or 1..10,42"};
  }
  if (*last < *first) return Error{Errc::kInvalid, quoted(part) + " ends before it begins"};
  if (*last - *first >= kMaxCases) return too_many();
  for (std::uint64_t i = 0; i <= *last - *first; ++i) {
    if (known.insert(*first + i).second) seeds.push_back(*first + i);
  }
  if (seeds.size() > kMaxCases) return too_many();
  return {};
}

}  // namespace

std::string to_text(const HuntCase& wanted) {
  return "seed " + std::to_string(wanted.seed) +
         (wanted.perturb ? " perturb " + std::to_string(*wanted.perturb) : "");
}

std::string file_stem(const HuntCase& wanted) {
  return "seed-" + std::to_string(wanted.seed) +
         (wanted.perturb ? "-perturb-" + std::to_string(*wanted.perturb) : "");
}

Result<std::vector<std::uint64_t>> parse_seeds(std::string_view text) {
  std::set<std::uint64_t> known;
  std::vector<std::uint64_t> seeds;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    TRY(add_part(text.substr(from, comma - from), known, seeds));
    from = comma + 1;
  }
  return seeds;
}

Result<Shard> parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto index = whole(text.substr(0, slash));
  const auto count = slash == std::string_view::npos ? std::nullopt : whole(text.substr(slash + 1));
  if (!index || !count || *count == 0) {
    return Error{Errc::kInvalid, quoted(text) + " is no shard; write INDEX/COUNT, such as 0/8"};
  }
  if (*index >= *count) {
    return Error{Errc::kInvalid, quoted(text) + " is no shard: the index counts from 0, so " +
                                     std::to_string(*count - 1) + "/" + std::to_string(*count) +
                                     " is the last"};
  }
  return Shard{*index, *count};
}

Result<std::vector<HuntCase>> cases_of(const HuntPlan& plan) {
  std::vector<HuntCase> all;
  if (plan.pairing == Pairing::kEach) {
    if (plan.seeds.size() * plan.perturbs.size() > kMaxCases) return too_many();
    for (const std::uint64_t perturb : plan.perturbs) {
      for (const std::uint64_t seed : plan.seeds) all.push_back({seed, perturb});
    }
  } else {
    for (const std::uint64_t seed : plan.seeds) {
      const bool is_same = plan.pairing == Pairing::kSame;
      all.push_back({seed, is_same ? std::optional(seed) : std::nullopt});
    }
  }
  std::vector<HuntCase> mine;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % plan.shard.count == plan.shard.index) mine.push_back(all[i]);
  }
  return mine;
}

}  // namespace squall
