// Endpoints, one at a time.
#include "workload/etcd_session.h"

namespace squall {
namespace {

constexpr int kOk = 200;
constexpr int kServerError = 500;

}  // namespace

EtcdSession::EtcdSession(const std::vector<EndpointAddress>& endpoints, std::uint16_t port) {
  CHECK(!endpoints.empty());
  for (const EndpointAddress& endpoint : endpoints) {
    servers_.emplace_back(SocketAddress{endpoint.ipv4, port});
  }
}

// An endpoint that swallows packets may take its share of the time only.
Result<> EtcdSession::connect(MonoTime deadline) {
  Result<> connected = Error{Errc::kIo, "no endpoint"};
  for (std::size_t left = servers_.size(); left > 0; --left) {
    const MonoTime now = system_clock().mono();
    const Duration share = (deadline - now) / static_cast<std::int64_t>(left);
    connected = servers_[current_].connect(now + share);
    if (connected.ok()) return connected;
    leave();
  }
  return connected;
}

Answer EtcdSession::perform(const HttpRequest& request, HasEffect effect, MonoTime deadline,
                            const std::function<Result<Answer>(const std::string&)>& read) {
  const Result<> connected = connect(deadline);
  if (!connected.ok()) return fail(connected.error().what);
  HttpClient& server = servers_[current_];
  const Result<HttpAnswer> got = server.exchange(request, deadline);
  if (!got.ok() || got->status >= kServerError) leave();
  if (!got.ok()) return no_answer(got.error(), server.times(), effect);

  Answer answer{};
  if (got->status != kOk) {
    answer = etcd::error_answer(*got, effect);
  } else {
    const Result<Answer> judged = read(got->body);
    answer = judged.ok() ? *judged : no_answer(judged.error(), server.times(), effect);
  }
  answer.first_byte = server.times().first_byte;
  return answer;
}

}  // namespace squall
