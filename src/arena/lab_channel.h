// Messages between the lab's own processes: a text and descriptors, over a Unix socket pair.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

inline constexpr std::size_t kMaxLabMessage = std::size_t{32} << 10U;
inline constexpr std::size_t kMaxLabMessageFds = 8;

struct LabMessage {
  std::string text;
  std::vector<Fd> fds;
};

// Two ends that keep message boundaries; close-on-exec.
[[nodiscard]] Result<std::pair<Fd, Fd>> make_channel();
// Longer texts are cut at kMaxLabMessage.  An error when nobody is there to read.
[[nodiscard]] Result<> send_message(const Fd& channel, std::string_view text,
                                    const std::vector<int>& fds = {});
// Waits for the next message; nothing when every other end is closed.
[[nodiscard]] Result<std::optional<LabMessage>> receive_message(const Fd& channel);

}  // namespace squall
