// What of a request goes on to a replica, and what of its answer comes back.  Pure.
#pragma once

#include <string>
#include <string_view>

#include "reference/base/http_message.h"

namespace squall::reference {

// "/v2/models/M/versions/V/infer", percent-encoded: a name may hold anything.
[[nodiscard]] std::string infer_target(std::string_view model, std::string_view version);

// The content, the caller's trace state and name.  What is about the connection stays behind.
[[nodiscard]] Headers passed_on(const Headers& request);
// The content, and what is the replica's own (x-…, retry-after).
[[nodiscard]] HttpResponse passed_back(HttpResponse answer);

}  // namespace squall::reference
