// The HTTP codec is Beast's; the socket is ours, because we must know what was sent.
#include "workload/http.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>

namespace squall {
namespace {

namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using Parser = beast_http::response_parser<beast_http::string_body>;

std::string serialize(const HttpRequest& request, const SocketAddress& server) {
  const std::string host =
      family_of(server.ip) == IpFamily::kV6 ? "[" + server.ip + "]" : server.ip;
  return request.method + " " + request.target + " HTTP/1.1\r\nHost: " + host + ":" +
         std::to_string(server.port) + "\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
}

// Feeds what was received; the parser takes as much as it can use.
Result<> parse(Parser& parser, std::string& received) {
  while (!received.empty() && !parser.is_done()) {
    beast::error_code error;
    const std::size_t used =
        parser.put(boost::asio::const_buffer(received.data(), received.size()), error);
    received.erase(0, used);
    if (error == beast_http::error::need_more) return {};
    if (error) return Error{Errc::kIo, "not an HTTP answer: " + error.message()};
  }
  return {};
}

Result<std::uint16_t> parse_port(const std::string& text, const std::string& url) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return Error{Errc::kInvalid, "'" + url + "': '" + text + "' is not a port"};
  }
  return port;
}

}  // namespace

Result<HttpUrl> parse_http_url(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return Error{Errc::kInvalid, "'" + url + "': not an http:// URL"};
  const std::size_t slash = url.find('/', kScheme.size());
  const std::string target = slash == std::string::npos ? "/" : url.substr(slash);
  std::string host = url.substr(kScheme.size(), slash - kScheme.size());
  std::uint16_t port = 80;
  const std::size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) {
    port = TRY(parse_port(host.substr(colon + 1), url));
    host.resize(colon);
  }
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return HttpUrl{SocketAddress{host, port}, target};
}

Result<> HttpClient::connect(MonoTime deadline) {
  times_ = {};
  if (connection_ && connection_->is_quiet()) return {};
  connection_.reset();
  connection_ = TRY(Connection::open(server_, deadline, netns_));
  return {};
}

Result<HttpAnswer> HttpClient::exchange(const HttpRequest& request, MonoTime deadline) {
  (void)TRY(connect(deadline));
  connection_->begin();
  is_reusable_ = false;
  const Result<> sent = connection_->send(serialize(request, server_), deadline);
  Result<HttpAnswer> answer =
      sent.ok() ? receive(request.method == "HEAD", deadline) : Result<HttpAnswer>(sent.error());
  times_ = connection_->times();
  if (!answer.ok() || !is_reusable_) connection_.reset();
  return answer;
}

Result<HttpAnswer> HttpClient::receive(bool is_head, MonoTime deadline) {
  Parser parser;
  parser.body_limit(kMaxHttpBody);
  parser.eager(true);
  parser.skip(is_head);
  std::string received;
  while (!parser.is_done()) {
    const std::size_t count = TRY(connection_->receive(received, deadline));
    if (count == 0) {
      beast::error_code error;
      if (parser.got_some()) parser.put_eof(error);
      if (!parser.is_done()) return Error{Errc::kIo, "the server closed the connection"};
      break;
    }
    (void)TRY(parse(parser, received));
  }
  is_reusable_ = parser.get().keep_alive() && received.empty();
  return HttpAnswer{.status = static_cast<int>(parser.get().result_int()),
                    .body = std::move(parser.get().body()),
                    .date = std::string(parser.get()[beast_http::field::date])};
}

}  // namespace squall
