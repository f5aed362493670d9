// The delay line's process: takes steered packets from a TUN device, holds them, and sends them on
// through raw sockets.
#pragma once

#include "agent/delay/delay_board.h"
#include "base/fd.h"

namespace squall {

// The line looks around at least this often.
inline constexpr Duration kLineBeat = std::chrono::milliseconds(100);
// The most that waiting packets may take, with 128 bytes for each one's place.
inline constexpr std::size_t kMaxWaitingBytes = std::size_t{256} << 20U;

// What the agent says, as the first byte of a message on `control`.  The line answers each with
// one byte.
inline constexpr char kLineRows = 'r';    // encode_rows() follows
inline constexpr char kLineFinish = 'f';  // let out what waits, and go

struct LineEnds {
  Fd tun;
  Fd raw4;  // open_raw_sender() with kDelayedMark
  Fd raw6;
  Fd control;  // SOCK_SEQPACKET
  Fd agent;    // a pidfd
};

// In a forked child; never returns.  When the agent dies or hangs up, the line finishes: nobody
// steers packets to it any more, since that ends with the agent's table.
[[noreturn]] void run_delay_line(LineEnds ends, DelayBoard& board);

}  // namespace squall
