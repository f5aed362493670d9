// One thread renews the lease; those of connections add.
#include "tests/planted/keeper.h"

#include <poll.h>

#include <mutex>
#include <optional>
#include <thread>

#include "tests/planted/work.h"

namespace squall::planted {
namespace {

// The lease is given up a little before the store gives it away.
constexpr Duration kMargin = std::chrono::milliseconds(30);
constexpr int kRenewalsPerLease = 4;

class Keeper {
 public:
  Keeper(KeeperOptions options, LineSocket lessor, LineSocket saver)
      : options_(std::move(options)), lessor_(std::move(lessor)), saver_(std::move(saver)) {}

  // Returns when the store has gone.
  void renew_for_ever() {
    for (;;) {
      const MonoTime asked = system_clock().mono();
      const std::optional<std::string> answer =
          ask(lessor_, "lease " + options_.name + " " +
                           std::to_string(options_.lease / std::chrono::milliseconds(1)));
      if (!answer) return;
      const std::vector<std::string> words = words_of(*answer);
      if (words.size() == 2) take(std::stol(words[1]), asked);
      const Duration until_next = options_.lease / kRenewalsPerLease;
      (void)::poll(nullptr, 0, static_cast<int>(until_next / std::chrono::milliseconds(1)));
    }
  }

  Reply answer(const std::string& line) {
    const std::vector<std::string> words = words_of(line);
    const std::scoped_lock lock(mutex_);
    if (system_clock().mono() >= valid_until_) return {.line = "standby"};
    if (words.size() == 2 && words[0] == "add") return {.line = add(words[1])};
    return {.line = "ok " + (document_.empty() ? "-" : document_)};
  }

 private:
  static std::optional<std::string> ask(LineSocket& socket, const std::string& line) {
    if (!socket.send(line)) return std::nullopt;
    return socket.receive();
  }

  void take(std::int64_t token, MonoTime asked) {
    const std::scoped_lock lock(mutex_);
    if (token != token_) {
      const std::optional<std::string> loaded = ask(saver_, "load");
      if (!loaded) return;
      const std::vector<std::string> words = words_of(*loaded);
      document_ = words.size() == 2 && words[1] != "-" ? words[1] : "";
      token_ = token;
    }
    valid_until_ = asked + options_.lease - kMargin;
  }

  // The lease has just been looked at.
  std::string add(const std::string& element) {
    const std::string wanted = document_ + (document_.empty() ? "" : ",") + element;
    trail_ = checksum(wanted, options_.rounds);
    const std::optional<std::string> saved =
        ask(saver_, "save " + std::to_string(token_) + " " + wanted);
    if (saved != "ok") return "lost";
    document_ = wanted;
    return "ok";
  }

  const KeeperOptions options_;
  LineSocket lessor_;
  std::mutex mutex_{};  // everything below
  LineSocket saver_;
  std::string document_{};
  std::string trail_{};
  std::int64_t token_ = 0;
  MonoTime valid_until_{};
};

}  // namespace

Result<> run_keeper(const KeeperOptions& options) {
  LineSocket lessor = TRY(LineSocket::connect(options.store));
  LineSocket saver = TRY(LineSocket::connect(options.store));
  // Threads of connections use it until the process ends.
  auto* keeper = new Keeper(options, std::move(lessor), std::move(saver));
  std::thread([keeper] { keeper->renew_for_ever(); }).detach();
  return serve(options.at, [keeper](const std::string& line) { return keeper->answer(line); });
}

}  // namespace squall::planted
