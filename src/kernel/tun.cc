// Non-persistent TUN devices.
#include "kernel/tun.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>

#include "kernel/pseudo_file.h"

namespace squall {
namespace {

constexpr const char* kDevice = "/dev/net/tun";

// Says what would make the device openable.
Error explain(Error error, int code) {
  error.code = Errc::kUnsupported;
  if (code == ENOENT || code == ENODEV || code == ENXIO) {
    error.what += "; load the tun module, or in a container: --device /dev/net/tun";
  } else if (code == EACCES || code == EPERM) {
    error.what += "; run as root, or let this user open it: chmod 666 /dev/net/tun";
  } else {
    error.code = Errc::kIo;
  }
  return error;
}

}  // namespace

Result<Tun> open_tun(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) {
    return Error{Errc::kInvalid, "'" + name + "' is not a link name of 1 to 15 bytes"};
  }
  Fd fd(::open(kDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd.is_open()) {
    const int code = errno;
    return explain(errno_error(std::string("open ") + kDevice, code), code);
  }
  ifreq request = {};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::memcpy(request.ifr_name, name.c_str(), name.size() + 1);
  if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) {
    return errno_error("make TUN device '" + name + "'");
  }
  return Tun{.fd = std::move(fd), .name = request.ifr_name};
}

Result<bool> write_packet(const Fd& tun, std::span<const std::uint8_t> packet) {
  for (;;) {
    if (::write(tun.get(), packet.data(), packet.size()) >= 0) return true;
    if (errno == EAGAIN || errno == ENOBUFS) return false;
    if (errno != EINTR) return errno_error("write a packet to a TUN device");
  }
}

Result<std::size_t> detail::read_packet(const Fd& tun, std::span<std::uint8_t> buffer) {
  for (;;) {
    const ssize_t count = ::read(tun.get(), buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN) return std::size_t{0};
    if (errno != EINTR) return errno_error("read a packet from a TUN device");
  }
}

}  // namespace squall
