// Messages of traffic control.
#include "kernel/traffic_request.h"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "kernel/netlink_socket.h"

namespace squall {
namespace {

// A table of kMaxDistribution entries, and what stands around it.
constexpr std::size_t kMessageBytes = kMaxDistribution * sizeof(std::int16_t) + 4096;

using Take = std::function<void(const tcmsg&, nlmsghdr*)>;

int take_one(nl_msg* message, void* take) {
  nlmsghdr* head = nlmsg_hdr(message);
  if (nlmsg_valid_hdr(head, sizeof(tcmsg)) == 0) return NL_SKIP;
  (*static_cast<const Take*>(take))(*static_cast<const tcmsg*>(nlmsg_data(head)), head);
  return NL_OK;
}

}  // namespace

TrafficControl::Request::Request(int type, int flags, const tcmsg& head)
    : message(nlmsg_alloc_size(kMessageBytes), nlmsg_free) {
  CHECK(message != nullptr);
  CHECK(nlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, type, 0, NLM_F_REQUEST | flags) !=
        nullptr);
  append(&head, sizeof head);
}

void TrafficControl::Request::put_text(int attribute, const std::string& text) {
  CHECK(nla_put_string(message.get(), attribute, text.c_str()) == 0);
}

void TrafficControl::Request::put_bytes(int attribute, const void* bytes, std::size_t size) {
  CHECK(nla_put(message.get(), attribute, static_cast<int>(size), bytes) == 0);
}

void TrafficControl::Request::append(const void* bytes, std::size_t size) {
  CHECK(nlmsg_append(message.get(), const_cast<void*>(bytes), size, NLA_ALIGNTO) == 0);
}

void TrafficControl::Request::nest(int attribute, const std::function<void()>& fill) {
  nlattr* start = nla_nest_start(message.get(), attribute);
  CHECK(start != nullptr);
  fill();
  (void)nla_nest_end(message.get(), start);
}

Result<> TrafficControl::send(Request request, const std::string& attempt) {
  Netlink::Socket& socket = *netlink_.socket_;
  // It waits for the acknowledgement, and releases the message.
  return socket.answer(nl_send_sync(socket.handle.get(), request.message.release()), attempt);
}

Result<> TrafficControl::list(const Request& request, const std::string& attempt,
                              const Take& take) {
  Netlink::Socket& socket = *netlink_.socket_;
  nl_sock* handle = socket.handle.get();
  const NlPtr<nl_cb, nl_cb_put> own(nl_cb_clone(nl_socket_get_cb(handle)));
  TRY(socket.answer(nl_send_auto(handle, request.message.get()), attempt));
  nl_cb_set(own.get(), NL_CB_VALID, NL_CB_CUSTOM, take_one, const_cast<Take*>(&take));
  return socket.answer(nl_recvmsgs(handle, own.get()), attempt);
}

}  // namespace squall
