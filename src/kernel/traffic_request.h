// For traffic_*.cc only: a message of traffic control under construction.
#pragma once

#include <linux/rtnetlink.h>

#include <functional>
#include <memory>
#include <string>

#include "kernel/traffic_control.h"

struct nl_msg;

namespace squall {

// libnl fails only for want of room, and there is enough.
struct TrafficControl::Request {
  // `flags` beside NLM_F_REQUEST.
  Request(int type, int flags, const tcmsg& head);

  void put_text(int attribute, const std::string& text);
  void put_bytes(int attribute, const void* bytes, std::size_t size);
  template <typename T>
  void put(int attribute, const T& value) {
    put_bytes(attribute, &value, sizeof value);
  }
  // Attributes inside an attribute.
  void nest(int attribute, const std::function<void()>& fill);
  // Bytes without an attribute of their own, as some options begin.
  void append(const void* bytes, std::size_t size);

  std::unique_ptr<nl_msg, void (*)(nl_msg*)> message;
};

}  // namespace squall
