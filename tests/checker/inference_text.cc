// Parsing histories of inference calls.
#include "tests/checker/inference_text.h"

#include <sstream>

#include "history/inference_call.h"

namespace squall::test {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

class Call {
 public:
  Call(const std::string& text, std::int64_t number) {
    request_ = {"r" + std::to_string(number), 100 + number, "", 0};
    operation_.sent = 10 * number * kMs;
    operation_.completed = operation_.sent + 5 * kMs;
    operation_.outcome = Outcome::kOk;
    reply_.id = request_.id;
    reply_.nonce = request_.nonce;
    process_.id = number;
    process_.client = "load";
    std::istringstream words(text);
    words >> request_.user;
    for (std::string word; words >> word;) read(word);
  }

  void append_to(History& history) {
    operation_.scheduled = operation_.sent;
    operation_.process = history.add_process(process_);
    operation_.function = history.functions().intern(kInferFunction);
    operation_.key = history.values().text(model_);
    Values& values = history.values();
    std::vector<ValueId> items{values.text(request_.id), values.integer(request_.nonce),
                               values.text(request_.user), values.integer(request_.input)};
    if (operation_.outcome == Outcome::kOk) add_reply(values, items);
    operation_.value = values.list(items);
    history.append(operation_);
  }

 private:
  void read(const std::string& word) {
    const std::string rest = word.substr(1);
    const std::string after_equals = word.substr(word.find('=') + 1);
    if (word == "stable" || word == "canary") {
      reply_.cohort = word;
    } else if (word == "fail") {
      operation_.outcome = Outcome::kFail;
    } else if (word.starts_with("id=")) {
      reply_.id = after_equals;
    } else if (word.starts_with("nonce=")) {
      reply_.nonce = std::stoll(after_equals);
    } else if (word.starts_with("model=")) {
      model_ = after_equals;
    } else if (word.starts_with("±")) {
      process_.clock_error = Duration(std::stoll(word.substr(2)) * kMs);
    } else {
      read_letter(word.front(), rest);
    }
  }

  void read_letter(char letter, const std::string& rest) {
    if (letter == '@') {
      const std::vector<std::string> times = split(rest, '-');
      operation_.sent = std::stoll(times.at(0)) * kMs;
      operation_.completed = std::stoll(times.at(1)) * kMs;
    } else if (letter == 'e') {
      reply_.epoch = std::stoll(rest);
    } else if (letter == 'v') {
      reply_.version = rest;
    } else if (letter == 'g' || letter == 'm') {
      (letter == 'g' ? reply_.gateway : reply_.replica) = letter + rest;
    } else if (letter == 'i') {
      request_.input = std::stoll(rest);
    } else {
      CHECK(letter == 'o');
      for (const std::string& output : split(rest, ',')) {
        reply_.outputs.push_back(std::stoll(output));
      }
    }
  }

  void add_reply(Values& values, std::vector<ValueId>& items) const {
    std::vector<ValueId> outputs;
    for (const std::int64_t output : reply_.outputs) outputs.push_back(values.integer(output));
    const std::vector<ValueId> reply{
        values.text(reply_.id),       values.integer(reply_.nonce), values.text(reply_.version),
        values.integer(reply_.epoch), values.text(reply_.cohort),   values.text(reply_.gateway),
        values.text(reply_.replica),  values.list(outputs),         values.integer(1)};
    items.insert(items.end(), reply.begin(), reply.end());
  }

  InferenceRequest request_;
  InferenceReply reply_;
  Operation operation_;
  Process process_;
  std::string model_ = "ranker";
};

}  // namespace

Recording calls(const std::string& text) {
  Recording recording;
  std::int64_t number = 0;
  for (const std::string& part : split(text, '|')) {
    Call(part, number++).append_to(recording.history);
  }
  recording.history.sort_by_sent();
  return recording;
}

}  // namespace squall::test
