// The text of a failed system call.
#include "base/result.h"

#include <system_error>

namespace squall {

Error errno_error(const std::string& attempt, int error) {
  return Error{error == ETIMEDOUT ? Errc::kTimeout : Errc::kIo,
               attempt + ": " + std::generic_category().message(error)};
}

}  // namespace squall
