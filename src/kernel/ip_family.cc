// The kernel's numbers for the families.
#include "kernel/ip_family.h"

#include <sys/socket.h>

namespace squall {

int to_af(IpFamily family) {
  return family == IpFamily::kV4 ? AF_INET : AF_INET6;
}

}  // namespace squall
