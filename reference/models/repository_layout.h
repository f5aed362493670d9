// How a version of a model lies in a repository folder, and how it gets there:
//
//   <repository>/<model>/<version>/model.onnx
//   <repository>/<model>/<version>/model.sha256    "<hex>  model.onnx", as sha256sum writes it
//
// A version is made in a hidden folder beside its place and renamed into it, so whoever lists the
// model's folder sees the whole version or none of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace squall::reference {

inline constexpr std::string_view kModelFile = "model.onnx";
inline constexpr std::string_view kDigestFile = "model.sha256";
inline constexpr std::size_t kMaxModelBytes = std::size_t{64} << 20U;

// Replaces the version atomically where it exists.  `model` is a plain name.
[[nodiscard]] Result<> publish_version(const std::string& repository, const std::string& model,
                                       std::int64_t version, std::string_view onnx);

// The model's bytes, if they have the digest that lies beside them.  kNotFound: one of the files is
// missing; kInvalid: they do not belong together, or are too large.
[[nodiscard]] Result<std::string> read_version(const std::string& folder);

// "12" is 12; a version is a positive number without leading zeros.
[[nodiscard]] std::optional<std::int64_t> parse_version(std::string_view text);

}  // namespace squall::reference
