// Normal deviates by the polar method (Marsaglia and Bray, SIAM Review 6, 1964).
#include "agent/delay/delay_draw.h"

#include <cmath>

namespace squall {

double DelayDraw::deviate() {
  for (;;) {
    const double x = 2 * rng_.unit() - 1;
    const double y = 2 * rng_.unit() - 1;
    const double square = x * x + y * y;
    if (square > 0 && square < 1) return x * std::sqrt(-2 * std::log(square) / square);
  }
}

Duration DelayDraw::next() {
  if (spec_.jitter == Duration(0)) return spec_.delay;
  const double memory = is_first_ ? 0 : spec_.correlation;
  is_first_ = false;
  last_ = memory * last_ + std::sqrt(1 - memory * memory) * deviate();
  return delay_at(spec_, last_);
}

}  // namespace squall
