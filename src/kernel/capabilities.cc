// Capabilities over libcap and prctl(2).
#include "kernel/capabilities.h"

#include <sys/capability.h>
#include <sys/prctl.h>

#include <memory>
#include <type_traits>

namespace squall {
namespace {

struct FreeCap {
  void operator()(cap_t caps) const { (void)::cap_free(caps); }
};
using Caps = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCap>;

bool is_set(const Caps& caps, cap_value_t capability, cap_flag_t flag) {
  cap_flag_value_t value = CAP_CLEAR;
  return ::cap_get_flag(caps.get(), capability, flag, &value) == 0 && value == CAP_SET;
}

// Without CAP_SETPCAP the bounding set stays as it is.  That is no way back: no_new_privs, set
// below, keeps exec from granting anything out of it.
Result<> empty_bounding_set() {
  if (!has_capability(CAP_SETPCAP)) return {};
  for (cap_value_t capability = 0; capability < ::cap_max_bits(); ++capability) {
    if (::cap_get_bound(capability) <= 0) continue;
    if (::cap_drop_bound(capability) != 0) return errno_error("drop a bounding capability");
  }
  return {};
}

}  // namespace

Result<> raise_ambient_caps() {
  const Caps caps(::cap_get_proc());
  if (!caps) return errno_error("read capabilities");
  for (cap_value_t capability = 0; capability < ::cap_max_bits(); ++capability) {
    if (!is_set(caps, capability, CAP_PERMITTED)) continue;
    if (::cap_set_flag(caps.get(), CAP_INHERITABLE, 1, &capability, CAP_SET) != 0) {
      return errno_error("choose inheritable capabilities");
    }
  }
  if (::cap_set_proc(caps.get()) != 0) return errno_error("set inheritable capabilities");
  for (cap_value_t capability = 0; capability < ::cap_max_bits(); ++capability) {
    if (!is_set(caps, capability, CAP_PERMITTED)) continue;
    if (::cap_set_ambient(capability, CAP_SET) != 0)
      return errno_error("raise ambient capabilities");
  }
  return {};
}

Result<> drop_all_caps() {
  if (::cap_reset_ambient() != 0) return errno_error("clear ambient capabilities");
  TRY(empty_bounding_set());
  const Caps none(::cap_init());
  if (!none) return errno_error("make an empty capability set");
  if (::cap_set_proc(none.get()) != 0) return errno_error("drop capabilities");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno_error("set no_new_privs");
  return {};
}

bool has_capability(int capability) {
  const Caps caps(::cap_get_proc());
  return caps && is_set(caps, capability, CAP_EFFECTIVE);
}

}  // namespace squall
