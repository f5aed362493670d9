// Loops with an end, and raw sockets for what a proper client would never send.
#include "tests/reference/base_loop_runner.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <optional>

namespace squall::reference {

namespace asio = boost::asio;
using asio::ip::tcp;

void run_until_stopped(Loop& loop) {
  Timer limit(loop);
  limit.after(kTestLimit, [&loop] {
    ADD_FAILURE() << "still waiting";
    loop.stop();
  });
  loop.run();
}

HttpOutcome exchange(Loop& loop, HttpClient& client, std::uint16_t port, const HttpRequest& request,
                     Duration timeout) {
  std::optional<HttpOutcome> outcome;
  client.call(Endpoint{"127.0.0.1", port}, request, timeout, [&](HttpOutcome result) {
    outcome = std::move(result);
    loop.stop();
  });
  run_until_stopped(loop);
  if (!outcome) return HttpOutcome{.answer = Error{Errc::kTimeout, "no outcome"}};
  return *std::move(outcome);
}

std::string exchange_bytes(Loop& loop, std::uint16_t port, const std::string& bytes,
                           const std::string& more) {
  tcp::socket socket(loop.context());
  socket.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
  asio::write(socket, asio::buffer(bytes));
  std::string answer;
  std::array<char, 4096> piece{};
  std::function<void()> read = [&] {
    socket.async_read_some(asio::buffer(piece),
                           [&](const boost::system::error_code& error, std::size_t count) {
                             if (answer.empty() && !error) asio::write(socket, asio::buffer(more));
                             answer.append(piece.data(), count);
                             if (error) return loop.stop();
                             read();
                           });
  };
  read();
  run_until_stopped(loop);
  return answer;
}

}  // namespace squall::reference
