// Packets by destination, faults by slot.
#include "agent/delay/delay_table.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "kernel/ip_family.h"

namespace squall {
namespace {

constexpr std::size_t kHeader4 = 20;
constexpr std::size_t kHeader6 = 40;
constexpr std::size_t kPrefix4 = 12;  // ::ffff:

PacketAddress mapped(const std::uint8_t* ipv4) {
  PacketAddress address{};
  address[kPrefix4 - 2] = address[kPrefix4 - 1] = 0xff;
  std::copy_n(ipv4, 4, address.begin() + kPrefix4);
  return address;
}

template <typename T>
void put(const T& value, std::string& bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
bool take(std::string_view& bytes, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

// The part of a row that has always the same size.
struct RowHead {
  std::size_t slot;
  DelaySpec delay;
  std::uint64_t seed;
  std::size_t destinations;
};

}  // namespace

Result<PacketAddress> parse_packet_address(const std::string& text) {
  std::array<std::uint8_t, 4> ipv4{};
  PacketAddress ipv6{};
  if (family_of(text) == IpFamily::kV4) {
    if (::inet_pton(AF_INET, text.c_str(), ipv4.data()) == 1) return mapped(ipv4.data());
  } else if (::inet_pton(AF_INET6, text.c_str(), ipv6.data()) == 1) {
    return ipv6;
  }
  return Error{Errc::kInvalid, "'" + text + "' is not a literal IP address"};
}

std::optional<PacketAddress> destination_of(PacketView packet) {
  // RFC 791: the destination is at byte 16.  RFC 8200: at byte 24.
  if (packet.size() >= kHeader4 && packet[0] >> 4U == 4) {
    const bool is_group = packet[16] >= 224;
    if (is_group) return std::nullopt;
    return mapped(packet.data() + 16);
  }
  if (packet.size() < kHeader6 || packet[0] >> 4U != 6) return std::nullopt;
  PacketAddress address{};
  std::copy_n(packet.data() + 24, address.size(), address.begin());
  const bool is_group = address[0] == 0xff;
  const bool is_link_local = address[0] == 0xfe && (address[1] & 0xc0U) == 0x80;
  if (is_group || is_link_local) return std::nullopt;
  return address;
}

std::string encode_rows(const std::vector<TableRow>& rows) {
  std::string bytes;
  put(rows.size(), bytes);
  for (const TableRow& row : rows) {
    put(RowHead{row.slot, row.delay, row.seed, row.destinations.size()}, bytes);
    for (const PacketAddress& address : row.destinations) put(address, bytes);
  }
  return bytes;
}

Result<std::vector<TableRow>> decode_rows(std::string_view bytes) {
  const Error torn{Errc::kIo, "a torn message to the delay line"};
  std::size_t count = 0;
  if (!take(bytes, count) || count > kMaxDelayFaults) return torn;
  std::vector<TableRow> rows(count);
  for (TableRow& row : rows) {
    RowHead head{};
    if (!take(bytes, head) || head.slot >= kMaxDelayFaults) return torn;
    if (head.destinations > bytes.size() / sizeof(PacketAddress)) return torn;
    row = {.slot = head.slot, .delay = head.delay, .seed = head.seed, .destinations = {}};
    row.destinations.resize(head.destinations);
    for (PacketAddress& address : row.destinations) {
      if (!take(bytes, address)) return torn;
    }
  }
  return rows;
}

std::size_t DelayTable::HashAddress::operator()(const PacketAddress& address) const {
  return std::hash<std::string_view>()(
      {reinterpret_cast<const char*>(address.data()), address.size()});
}

void DelayTable::set(const std::vector<TableRow>& rows) {
  std::map<std::size_t, DelayDraw> draws;
  slots_by_destination_.clear();
  for (const TableRow& row : rows) {
    const auto old = draws_.find(row.slot);
    const bool stays = old != draws_.end() && old->second.spec() == row.delay;
    draws.emplace(row.slot, stays ? old->second : DelayDraw(row.delay, row.seed));
    for (const PacketAddress& address : row.destinations) {
      slots_by_destination_[address].push_back(row.slot);
    }
  }
  draws_ = std::move(draws);
}

Duration DelayTable::draw(const PacketAddress& destination, const Expiries& expiries,
                          BootTime now) {
  const auto found = slots_by_destination_.find(destination);
  if (found == slots_by_destination_.end()) return Duration(0);
  Duration sum{0};
  for (const std::size_t slot : found->second) {
    if (now < expiries.at(slot)) sum += draws_.at(slot).next();
  }
  return sum;
}

}  // namespace squall
