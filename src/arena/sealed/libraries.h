// The shared libraries that programs need, found as the dynamic loader finds them (ld.so(8)):
// RUNPATH, the folders of /etc/ld.so.conf, the default folders.  Nothing is executed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace squall {

// "libz.so.1" → the file that holds it, symbolic links followed; the interpreters under their full
// path ("/lib64/ld-linux-x86-64.so.2").
using LibraryFiles = std::map<std::string, std::string>;

// Everything that `programs` (paths) and their libraries need, and theirs.  kNotFound names the
// library and who needs it; kInvalid: two different files for one name.
[[nodiscard]] Result<LibraryFiles> libraries_of(const std::vector<std::string>& programs);

}  // namespace squall
