// nftables in process, over libnftables: no nft program, one atomic transaction per call.
#pragma once

#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

// One nft context.  Its netlink socket is opened once, in the namespace of open(), and stays open
// for the object's life: tables made with `flags owner` belong to it and vanish with it, also by
// SIGKILL. Not for two threads at once.
class Nft {
 public:
  // In the calling thread's namespace, or in `netns`.
  static Result<Nft> open();
  static Result<Nft> open(const Fd& netns);
  Nft(Nft&&) noexcept;
  Nft& operator=(Nft&&) noexcept;
  ~Nft();

  // Applies every command in the text, or none.  The error quotes the offending line as nft does.
  // Renew a set's elements with `flush set …` and `add element … timeout …` in one call: adding
  // alone renews nothing.
  [[nodiscard]] Result<> run(const std::string& commands);
  // The answer to commands that read, for example "list table inet squall".  kNotFound when the
  // thing it names is not there.
  [[nodiscard]] Result<std::string> list(const std::string& command);
  // The same as JSON (libnftables-json(5)), a document and a line for each command.  Ask for
  // chains, sets and counters: of a whole table (or ruleset), libnftables before 1.0.8 reads and
  // then frees again what it has freed, as soon as that table has exactly one flag.  CHECKed.
  [[nodiscard]] Result<std::string> json(const std::string& command);

 private:
  struct Context;
  explicit Nft(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

}  // namespace squall
