// Asking Sentinels and nodes, each over a connection of its own, since it is rare.
#include "workload/redis_route.h"

namespace squall {
namespace {

Result<RespValue> ask(const SocketAddress& server, const std::vector<std::string>& words,
                      MonoTime deadline) {
  RespClient client(server);
  return client.command(words, deadline);
}

// One that does not answer must leave time for the others.
MonoTime share_of(MonoTime deadline, std::size_t left) {
  const MonoTime now = system_clock().mono();
  return now + (deadline - now) / static_cast<std::int64_t>(left);
}

Result<SocketAddress> ask_sentinel(const RedisRoute& route, const EndpointAddress& node,
                                   MonoTime deadline) {
  const SocketAddress sentinel{node.ipv4, route.sentinel_port};
  const RespValue answer =
      TRY(ask(sentinel, {"SENTINEL", "get-master-addr-by-name", route.primary_name}, deadline));
  return redis::read_primary(answer);
}

bool says_primary(const SocketAddress& server, MonoTime deadline) {
  const Result<RespValue> role = ask(server, {"ROLE"}, deadline);
  return role.ok() && redis::is_primary(*role);
}

Result<SocketAddress> only_primary(const RedisRoute& route, MonoTime deadline) {
  std::vector<SocketAddress> found;
  std::size_t left = route.all_nodes.size();
  for (const EndpointAddress& node : route.all_nodes) {
    const SocketAddress server{node.ipv4, route.port};
    if (says_primary(server, share_of(deadline, left--))) found.push_back(server);
  }
  if (found.size() == 1) return found.front();
  return Error{Errc::kNotFound, std::to_string(found.size()) + " nodes say that they are primary"};
}

}  // namespace

Result<SocketAddress> find_primary(const RedisRoute& route, MonoTime deadline) {
  if (route.is_fixed) return SocketAddress{route.endpoints.at(0).ipv4, route.port};
  Result<SocketAddress> primary = Error{Errc::kNotFound, "no Sentinel"};
  std::size_t left = route.endpoints.size();
  for (const EndpointAddress& node : route.endpoints) {
    primary = ask_sentinel(route, node, share_of(deadline, left--));
    if (primary.ok()) return primary;
  }
  return std::move(primary).in("ask who is primary");
}

Result<SocketAddress> find_settled_primary(const RedisRoute& route, MonoTime deadline) {
  std::vector<SocketAddress> votes;
  std::size_t left = route.all_nodes.size() + 1;
  for (const EndpointAddress& node : route.all_nodes) {
    const Result<SocketAddress> vote = ask_sentinel(route, node, share_of(deadline, left--));
    if (vote.ok()) votes.push_back(*vote);
  }
  if (votes.empty() && route.is_fixed) return only_primary(route, deadline);
  const std::optional<SocketAddress> elected = redis::elect(votes, votes.size());
  if (!elected) return Error{Errc::kNotFound, "the Sentinels do not agree on a primary"};
  if (!says_primary(*elected, deadline)) {
    return Error{Errc::kNotFound, elected->ip + " is not the primary yet"};
  }
  return *elected;
}

}  // namespace squall
