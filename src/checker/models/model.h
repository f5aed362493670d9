// A sequential object for the checker `linearizable`: what its operations are called, what they
// say, and what they do to its state.  A model of your own is one small header like those beside
// this one, and one line in model_table.cc; everything else (splitting, the search, the witness,
// the sentence) comes from here.
//
//   struct Counter final : Model {
//     functions()  {"add", "read"}: an operation's kind is its place in that list; "enqueue|enq"
//                  lists two names for one kind
//     read()       what one operation of the history says, as a call; or that it says nothing
//     initial()    the state before the run
//     step()       the state after the call, or false: it is impossible in that state
//     traits()     whether a call never changes the state (is_pure), is possible in every state
//                  (is_total), and sets the state whatever it was (is_absolute)
//     needs()      may the second call be left out of an order without making the first impossible?
//     did(), shown()  words for the witness
//   };
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/order.h"
#include "checker/special.h"

namespace squall {

// A state or the arguments of a call: a few numbers, most of them value ids.  Equal exactly if the
// numbers are equal.
using Words = std::vector<std::uint32_t>;

struct ModelCall {
  std::uint8_t kind = 0;  // place in functions(), or one of the model's own beyond them
  Words args{};
  friend bool operator==(const ModelCall&, const ModelCall&) = default;
};

// One operation of the history, as read() gets it.
struct SeenOperation {
  std::uint8_t kind = 0;
  Outcome outcome = Outcome::kOk;  // kFail only where the comparison of a cas failed
  ValueId value = kAbsent;
  ProcessIndex process = 0;
};

struct ModelOptions {
  std::optional<ValueId> init;  // nothing: a value that does not occur in the history
  std::string init_text = "nil";
  std::int64_t permits = 1;
  bool is_nil_wildcard = false;
};

// What an operation says.  Neither call nor complaint: nothing.
struct Said {
  std::optional<ModelCall> call{};
  std::string complaint{};  // "has no value": the check cannot go on
};
[[nodiscard]] inline Said says(std::uint8_t kind, Words args) {
  return {.call = ModelCall{kind, std::move(args)}, .complaint = {}};
}
[[nodiscard]] inline Said says_nothing() {
  return {};
}
[[nodiscard]] inline Said complains(std::string why) {
  return {.call = {}, .complaint = std::move(why)};
}

struct CallTraits {
  bool is_pure = false;
  bool is_total = false;
  bool is_absolute = false;
};

class Model {
 public:
  Model(const Values& values, const ModelOptions& options) : values_(values), options_(options) {}
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  virtual ~Model() = default;

  [[nodiscard]] virtual std::span<const std::string_view> functions() const = 0;
  [[nodiscard]] virtual Said read(const SeenOperation& seen) const = 0;
  [[nodiscard]] virtual Words initial() const = 0;
  virtual bool step(const ModelCall& call, Words& state) const = 0;
  [[nodiscard]] virtual CallTraits traits(const ModelCall& call) const = 0;
  // Conservative: true where it is not clear.
  [[nodiscard]] virtual bool needs(const ModelCall& kept, const ModelCall& dropped) const = 0;
  [[nodiscard]] virtual std::string did(const ModelCall& call) const = 0;
  [[nodiscard]] virtual std::string shown(const Words& state) const = 0;
  // Of a crashed call whose answer nobody knows: what it may have been, given all calls of its
  // part.
  [[nodiscard]] virtual std::vector<ModelCall> alternatives(
      const ModelCall& /*call*/, std::span<const ModelCall> /*all*/) const {
    return {};
  }
  // Operations with different numbers have nothing to do with each other, beyond those of different
  // keys.
  [[nodiscard]] virtual std::uint32_t part(const ModelCall& /*call*/) const { return 0; }
  // An algorithm of the model's own, quicker than any search, for some classes of histories.
  [[nodiscard]] virtual SpecialOutcome decide(std::span<const OrderOp> /*ops*/,
                                              std::span<const ModelCall> /*calls*/) const {
    return not_mine("no special case is known");
  }
  // Told all calls of one part before the search: what step() may rely on.
  virtual void prepare(std::span<const ModelCall> /*calls*/) {}

 protected:
  [[nodiscard]] const Values& values() const { return values_; }
  [[nodiscard]] const ModelOptions& options() const { return options_; }
  [[nodiscard]] std::string text(std::uint32_t value) const;      // "nil", 7, "a"
  [[nodiscard]] std::string list_text(const Words& items) const;  // "[1,2]"

 private:
  const Values& values_;
  const ModelOptions& options_;
};

struct ModelRow {
  std::string_view name;
  std::string_view help;  // its operations, and what they mean
  bool is_per_key;        // keys have nothing to do with each other
  std::unique_ptr<Model> (*make)(const Values& values, const ModelOptions& options);
};

// Every model but the plain registers, which register_ops.h reads; adding one is one line here.
[[nodiscard]] std::span<const ModelRow> models();
[[nodiscard]] const ModelRow* find_model(std::string_view name);

}  // namespace squall
