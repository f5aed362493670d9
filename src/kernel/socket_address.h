// For socket code of this folder: our addresses as the kernel's.
#pragma once

#include <sys/socket.h>

#include "kernel/sockets.h"

namespace squall {

struct RawSocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(sockaddr_storage);
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// kInvalid quotes what is not an IP address.
[[nodiscard]] Result<RawSocketAddress> to_raw(const SocketAddress& address);
[[nodiscard]] SocketAddress from_raw(const RawSocketAddress& raw);

}  // namespace squall
