// `planted store|keeper|client`: a small stack with bugs to switch on, for measuring what finds
// them.  Options are NAME=VALUE.
#include <iostream>
#include <map>
#include <string>

#include "tests/planted/client.h"
#include "tests/planted/keeper.h"
#include "tests/planted/store.h"

namespace squall::planted {
namespace {

using Options = std::map<std::string, std::string>;

Options read_options(int count, char** words) {
  Options options;
  for (int i = 2; i < count; ++i) {
    const std::string word = words[i];
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) options[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return options;
}

StoreOptions store_options(Options& given) {
  const std::string& bug = given["bug"];
  return {.at = {.ip = given["ip"], .port = std::stoi(given["port"])},
          .journal = given["journal"],
          .has_cas_race = bug == "cas-race",
          .has_early_reply = bug == "early-reply",
          .has_no_fencing = bug == "no-fencing",
          .rounds = std::stol(given["rounds"])};
}

KeeperOptions keeper_options(Options& given) {
  return {.at = {.ip = given["ip"], .port = std::stoi(given["port"])},
          .store = {.ip = given["store"], .port = std::stoi(given["store-port"])},
          .name = given["name"],
          .lease = std::chrono::milliseconds(std::stol(given["lease-ms"])),
          .rounds = std::stol(given["rounds"])};
}

int report(const Result<>& ended) {
  if (!ended.ok()) std::cerr << "planted: " << ended.error().what << "\n";
  return ended.ok() ? 0 : 1;
}

int run(int count, char** words) {
  Options options = read_options(count, words);
  const std::string role = count > 1 ? words[1] : "";
  if (role == "store") return report(run_store(store_options(options)));
  if (role == "keeper") return report(run_keeper(keeper_options(options)));
  if (role != "client") return report(Error{Errc::kInvalid, "store, keeper or client?"});
  run_client({.port = std::stoi(options["port"]), .is_roaming = options["roaming"] == "yes"});
  return 0;
}

}  // namespace
}  // namespace squall::planted

int main(int count, char** words) {
  return squall::planted::run(count, words);
}
