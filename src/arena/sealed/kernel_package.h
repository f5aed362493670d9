// The machine's kernel: Debian's cloud kernel as its package unpacks it, never installed.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace squall {

struct KernelPackage {
  std::string release;  // "6.1.0-56-cloud-amd64"
  std::string kernel;   // the file boot/vmlinuz-RELEASE
  std::string modules;  // the folder lib/modules/RELEASE
};

// Looks below each folder for boot/vmlinuz-*-cloud-amd64 with its modules; the first folder that
// has one, there the newest.  kNotFound says how to get it.
[[nodiscard]] Result<KernelPackage> find_kernel(const std::vector<std::string>& folders);

// The module files that `names` (without ".ko", '-' and '_' alike) need, in the order of loading;
// what is built in is left out.  Without modules.dep, which a package that is not installed lacks,
// the modules' own .modinfo sections are asked.  kNotFound names the module.
[[nodiscard]] Result<std::vector<std::string>> modules_in_order(
    const KernelPackage& package, const std::vector<std::string>& names);

}  // namespace squall
