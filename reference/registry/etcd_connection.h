// One HTTP/1.1 connection to one server for a thread that may wait: exchanges, and an answer that
// streams.  Every wait ends by itself, and another thread may end it early.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "reference/base/endpoint.h"

namespace squall::reference {

inline constexpr std::size_t kMaxRegistryBody = std::size_t{16} << 20U;

struct EtcdPost {
  std::string target;
  std::string body;  // JSON
  std::vector<std::pair<std::string, std::string>> headers{};
};

struct EtcdReply {
  int status = 0;
  std::string body;
};

// One owner; only cancel() may be called from another thread.
class EtcdConnection {
 public:
  explicit EtcdConnection(Endpoint server);
  ~EtcdConnection();
  EtcdConnection(EtcdConnection&&) = delete;

  // Any complete answer is a value, whatever its status.  Connects when it has to.  After an error
  // the connection is gone and the next exchange makes a new one.
  [[nodiscard]] Result<EtcdReply> exchange(const EtcdPost& post, MonoTime deadline);

  // Sends a request whose answer has no end, and reads its head.  The status is a value.
  [[nodiscard]] Result<int> open_stream(const EtcdPost& post, MonoTime deadline);
  // What of the stream's body has arrived: empty when nothing did until `deadline`, and the stream
  // goes on.  kIo: it has ended.  Only after open_stream.
  [[nodiscard]] Result<std::string> read_stream(MonoTime deadline);

  void close();
  // Ends a wait of the owner with kAborted, and all later ones.  Thread-safe.
  void cancel();

 private:
  class Machinery;
  std::unique_ptr<Machinery> machinery_;
};

}  // namespace squall::reference
