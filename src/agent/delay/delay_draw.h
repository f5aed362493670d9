// One fault's delays, packet by packet.  Pure.
#pragma once

#include <cstdint>

#include "base/rng.h"
#include "faults/link_quality.h"

namespace squall {

// Draws from the distribution of a DelaySpec.  Correlation is that of the standard normal deviates
// behind the delays (an autoregression of order 1), so that the distribution stays exactly the one
// asked for, which mixing the drawn numbers themselves would narrow.
class DelayDraw {
 public:
  DelayDraw(const DelaySpec& spec, std::uint64_t seed) : spec_(spec), rng_(seed) {}

  [[nodiscard]] Duration next();
  [[nodiscard]] const DelaySpec& spec() const { return spec_; }

 private:
  [[nodiscard]] double deviate();

  DelaySpec spec_;
  Rng rng_;
  bool is_first_ = true;
  double last_ = 0;
};

}  // namespace squall
