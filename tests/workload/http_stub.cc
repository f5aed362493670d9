// One thread for each connection, blocking calls.
#include "tests/workload/http_stub.h"

#include <sys/socket.h>

#include <array>

#include "base/check.h"
#include "kernel/sockets.h"

namespace squall::testing_workload {
namespace {

std::size_t content_length(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

// False: the connection ended.
bool read_more(int socket, std::string& into) {
  std::array<char, 4096> buffer{};
  const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  into.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

void reset_on_close(int socket) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace

StubReply http_reply(int status, const std::string& body, const std::string& fields) {
  return {.bytes = "HTTP/1.1 " + std::to_string(status) + " X\r\n" + fields +
                   "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
}

void Gate::wait() {
  std::unique_lock lock(mutex_);
  opened_.wait(lock, [this] { return is_open_; });
}

void Gate::open() {
  const std::scoped_lock lock(mutex_);
  is_open_ = true;
  opened_.notify_all();
}

HttpStub::HttpStub(std::function<StubReply(const StubRequest&)> handler, const std::string& address,
                   std::uint16_t port)
    : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  CHECK(bind_socket(listener_, {address, port}).ok());
  CHECK(::listen(listener_.get(), 1024) == 0);
  port_ = bound_address(listener_)->port;
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpStub::~HttpStub() {
  ::shutdown(listener_.get(), SHUT_RDWR);  // ends the accept
  acceptor_.join();
  {
    const std::scoped_lock lock(mutex_);
    for (const Fd& socket : sockets_) ::shutdown(socket.get(), SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

void HttpStub::accept_all() {
  for (;;) {
    Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.is_open()) return;
    const int connection = ++connections_;
    const std::scoped_lock lock(mutex_);
    sockets_.push_back(std::move(socket));
    threads_.emplace_back(
        [this, fd = sockets_.back().get(), connection] { serve(fd, connection); });
  }
}

void HttpStub::serve(int socket, int connection) {
  std::string received;
  for (;;) {
    std::size_t head_end = received.find("\r\n\r\n");
    while (head_end == std::string::npos) {
      if (!read_more(socket, received)) return;
      head_end = received.find("\r\n\r\n");
    }
    const std::size_t end = head_end + 4 + content_length(received.substr(0, head_end));
    while (received.size() < end) {
      if (!read_more(socket, received)) return;
    }
    const StubReply reply = handler_({.head = received.substr(0, head_end),
                                      .body = received.substr(head_end + 4, end - head_end - 4),
                                      .connection = connection,
                                      .number = ++requests_});
    received.erase(0, end);
    (void)::send(socket, reply.bytes.data(), reply.bytes.size(), MSG_NOSIGNAL);
    if (reply.then_reset) {
      reset_on_close(socket);
      const std::scoped_lock lock(mutex_);
      sockets_.remove_if([&](const Fd& one) { return one.get() == socket; });
      return;
    }
    if (reply.then_close) {
      ::shutdown(socket, SHUT_RDWR);
      return;
    }
  }
}

}  // namespace squall::testing_workload
