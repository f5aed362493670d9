// HTTP requests and responses as our programs see them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::reference {

// A few headers, in order.  Names are compared without case; set() writes them as given.
class Headers {
 public:
  // The first one's value, or "".
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  // Replaces all of this name.
  void set(std::string_view name, std::string_view value);
  // Adds without looking.
  void add(std::string name, std::string value) {
    all_.emplace_back(std::move(name), std::move(value));
  }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";  // with the query, as on the wire
  Headers headers{};         // without Content-Length, Connection and Transfer-Encoding
  std::string body{};
};

struct HttpResponse {
  int status = 200;
  Headers headers{};  // without Content-Length, Connection, Transfer-Encoding; a server adds Date
  std::string body{};
  bool is_last = false;  // close the connection behind it
};

// "Not Found"; "Unknown" for a status that we never send.
[[nodiscard]] std::string_view reason(int status);

// The target without its query: "/v2/models/a".
[[nodiscard]] std::string_view path_of(std::string_view target);
// The segments of a path, percent-decoded; empty ones are left out.  Nothing: a bad escape.
[[nodiscard]] std::optional<std::vector<std::string>> segments_of(std::string_view path);

}  // namespace squall::reference
