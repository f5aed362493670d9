// Delta debugging.
#include "search/ddmin.h"

#include <algorithm>
#include <numeric>

#include "base/result.h"

namespace squall {

Ddmin::Ddmin(std::size_t parts, bool may_be_empty) : kept_(parts) {
  std::iota(kept_.begin(), kept_.end(), std::size_t{0});
  if (may_be_empty && parts > 0) tries_.push_back({{}, 2});
  if (parts <= 1) {
    is_over_ = tries_.empty();
    return;
  }
  fill();
}

// `granularity_` pieces of what is kept: each alone, then all but each.
void Ddmin::fill() {
  std::vector<Try> complements;
  for (std::size_t piece = 0; piece < granularity_; ++piece) {
    const std::size_t from = kept_.size() * piece / granularity_;
    const std::size_t to = kept_.size() * (piece + 1) / granularity_;
    const auto at = [this](std::size_t index) {
      return kept_.begin() + static_cast<std::ptrdiff_t>(index);
    };
    tries_.push_back({{at(from), at(to)}, 2});
    Try complement{{kept_.begin(), at(from)}, std::max<std::size_t>(granularity_ - 1, 2)};
    complement.parts.insert(complement.parts.end(), at(to), kept_.end());
    complements.push_back(std::move(complement));
  }
  if (granularity_ == 2) return;  // each is the other's complement
  tries_.insert(tries_.end(), complements.begin(), complements.end());
}

std::optional<std::vector<std::size_t>> Ddmin::next() {
  if (is_over_) return std::nullopt;
  CHECK(!tries_.empty());
  return tries_.front().parts;
}

void Ddmin::on(bool is_shown) {
  CHECK(!is_over_ && !tries_.empty());
  const Try tried = std::move(tries_.front());
  tries_.pop_front();
  if (is_shown) {
    kept_ = tried.parts;
    tries_.clear();
    granularity_ = std::min(tried.granularity_if_shown, std::max<std::size_t>(kept_.size(), 2));
    is_over_ = kept_.size() <= 1;
    if (!is_over_) fill();
    return;
  }
  if (!tries_.empty()) return;
  is_over_ = granularity_ >= kept_.size();
  if (is_over_) return;
  granularity_ = std::min(granularity_ * 2, kept_.size());
  fill();
}

Descent::Descent(std::int64_t value, std::int64_t least, std::int64_t resolution)
    : value_(value), least_(least), resolution_(std::max<std::int64_t>(resolution, 1)) {
  fill();
}

void Descent::fill() {
  const std::int64_t room = value_ - least_;
  if (room < resolution_) return;
  for (const std::int64_t part : {std::int64_t{0}, room / 4, room / 2}) {
    // In whole steps above the least, so that values stay short to read.
    const std::int64_t tried = least_ + part / resolution_ * resolution_;
    const bool is_new = tries_.empty() || tried > tries_.back();
    if (is_new && tried < value_) tries_.push_back(tried);
  }
}

std::optional<std::int64_t> Descent::next() {
  if (tries_.empty()) return std::nullopt;
  return tries_.front();
}

void Descent::on(bool is_shown) {
  CHECK(!tries_.empty());
  const std::int64_t tried = tries_.front();
  tries_.pop_front();
  if (!is_shown) return;
  value_ = tried;
  tries_.clear();
  fill();
}

}  // namespace squall
