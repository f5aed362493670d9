// Numbers that may be less: times, lengths, magnitudes, rates and keys.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "injectors/injector.h"
#include "search/shrink_parts.h"

namespace squall {
namespace {

using std::chrono::milliseconds;

// What is a thirty-second of what it was is small; less seldom means anything else.
constexpr std::int64_t kSmallest = 32;
constexpr std::int64_t kMilli = 1000;
constexpr std::int64_t kTenthsOfPercent = 1000;  // of one
constexpr double kNanosecondsInThousandSeconds = 1e12;

std::string time_text(std::int64_t ns) {
  return to_text(Duration(ns));
}

std::string plain_text(std::int64_t number) {
  return std::to_string(number);
}

PartNumber time_number(std::string what, Duration value, Duration least, Duration resolution,
                       std::function<void(Scenario&, Duration)> set) {
  return {
      std::move(what),
      value.count(),
      least.count(),
      resolution.count(),
      [set = std::move(set)](Scenario& scenario, std::int64_t ns) { set(scenario, Duration(ns)); },
      time_text};
}

// Parameters are values of a table, so they are made anew from their texts.
Params with_param(const Params& params, std::span<const ParamSpec> specs, const std::string& name,
                  const std::string& text) {
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : params.all()) {
    if (!value.empty()) texts[key] = value;
  }
  texts[name] = text;
  return make_params(specs, texts).value_or(params);
}

// How a parameter is counted; `text` writes it back.
struct Counted {
  std::int64_t value = 0;
  std::int64_t resolution = 1;
  std::function<std::string(std::int64_t)> text;
};

std::string thousandths_text(std::int64_t value, const char* unit) {
  std::array<char, 64> buffer{};
  (void)std::snprintf(buffer.data(), buffer.size(), "%.3f", static_cast<double>(value) / kMilli);
  std::string text(buffer.data());
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + unit;
}

std::int64_t step_of(std::int64_t value, std::int64_t least) {
  return std::max(value / 20, least);
}

std::optional<Counted> counted(const Params& params, const ParamSpec& spec) {
  if (!params.has(spec.name)) return std::nullopt;
  switch (spec.type) {
    case ParamType::kDuration: {
      const std::int64_t ns = params.duration(spec.name).count();
      // Whole milliseconds where it has any.
      const std::int64_t unit = ns >= 20'000'000 ? 1'000'000 : 1'000;
      return Counted{ns, step_of(ns, 1) / unit * unit + unit, time_text};
    }
    case ParamType::kSignedDuration: {
      const std::int64_t ns = params.signed_duration(spec.name).count();
      const std::string sign = ns < 0 ? "-" : "";
      return Counted{std::abs(ns), step_of(std::abs(ns), 1'000'000),
                     [sign](std::int64_t value) { return sign + to_text(Duration(value)); }};
    }
    case ParamType::kPercent: {
      const auto value = static_cast<std::int64_t>(
          std::llround(params.percent(spec.name) * 100 * static_cast<double>(kTenthsOfPercent)));
      return Counted{value, step_of(value, 1),
                     [](std::int64_t tenths) { return thousandths_text(tenths, "%"); }};
    }
    case ParamType::kInteger:
      return Counted{params.integer(spec.name), 1, plain_text};
    case ParamType::kNumber: {
      const auto value = static_cast<std::int64_t>(
          std::llround(params.number(spec.name) * static_cast<double>(kMilli)));
      return Counted{value, step_of(value, 1),
                     [](std::int64_t thousandths) { return thousandths_text(thousandths, ""); }};
    }
    case ParamType::kText:
    case ParamType::kBoolean:
    case ParamType::kChoice:
      break;
  }
  return std::nullopt;
}

void add_fault_times(const Scenario& scenario, std::vector<PartNumber>& numbers) {
  for (std::size_t i = 0; i < scenario.timeline.size(); ++i) {
    const TimelineEntry& entry = scenario.timeline[i];
    const std::string what = "fault " + entry.id.get();
    if (entry.length > milliseconds(100)) {
      numbers.push_back(time_number(what + ": for", entry.length, milliseconds(100),
                                    std::max<Duration>(entry.length / 20, milliseconds(50)),
                                    [i](Scenario& s, Duration d) { s.timeline[i].length = d; }));
    }
    const AtTime* at = std::get_if<AtTime>(&entry.trigger);
    if (at == nullptr || at->until) continue;
    numbers.push_back(time_number(what + ": at", at->at, Duration{0}, milliseconds(250),
                                  [i](Scenario& s, Duration d) {
                                    s.timeline[i].trigger = AtTime{d, std::nullopt};
                                  }));
  }
}

void add_magnitudes(const Scenario& scenario, std::vector<PartNumber>& numbers) {
  for (std::size_t i = 0; i < scenario.timeline.size(); ++i) {
    const TimelineEntry& entry = scenario.timeline[i];
    const std::span<const ParamSpec> specs = find_injector(entry.kind)->params;
    for (const ParamSpec& spec : specs) {
      const std::optional<Counted> now = counted(entry.params, spec);
      if (!now || now->value <= 0) continue;
      const std::string name(spec.name);
      numbers.push_back({"fault " + entry.id.get() + ": " + name, now->value,
                         now->value / kSmallest, now->resolution,
                         [i, specs, name, text = now->text](Scenario& s, std::int64_t value) {
                           Params& params = s.timeline[i].params;
                           params = with_param(params, specs, name, text(value));
                         },
                         now->text});
    }
  }
}

// The parameters of clients that say how many operations there are, and on how many keys.  Other
// parameters say what an operation is, and stay.
constexpr std::array<std::string_view, 3> kFewer = {"rate", "keys", "ops-per-key"};

void add_client_param(std::size_t i, const WorkloadEntry& entry, const ParamSpec& spec,
                      std::span<const ParamSpec> specs, std::vector<PartNumber>& numbers) {
  const std::string name(spec.name);
  const std::string what = "client " + entry.name + ": " + name;
  const auto set_text = [i, specs, name](Scenario& s, const std::string& text) {
    s.workload[i].params = with_param(s.workload[i].params, specs, name, text);
  };
  if (name == "every" && spec.type == ParamType::kDuration) {
    const Duration every = entry.params.duration(name);
    if (every <= Duration{0}) return;
    // Operations in a thousand seconds: fewer of them are a longer pause.
    const auto rate = static_cast<std::int64_t>(kNanosecondsInThousandSeconds /
                                                static_cast<double>(every.count()));
    const auto pause = [](std::int64_t value) {
      const auto ms = static_cast<std::int64_t>(kNanosecondsInThousandSeconds /
                                                static_cast<double>(value) / 1e6);
      return to_text(Duration(milliseconds(std::max<std::int64_t>(ms, 1))));
    };
    if (rate < 1) return;
    numbers.push_back(
        {what, rate, std::max<std::int64_t>(rate / 16, 1), step_of(rate, 1),
         [set_text, pause](Scenario& s, std::int64_t value) { set_text(s, pause(value)); }, pause});
    return;
  }
  if (std::find(kFewer.begin(), kFewer.end(), name) == kFewer.end()) return;
  const std::optional<Counted> now = counted(entry.params, spec);
  if (!now || now->value <= 1) return;
  const std::int64_t least =
      spec.type == ParamType::kInteger ? 1 : std::max<std::int64_t>(now->value / kSmallest, 1);
  numbers.push_back(
      {what, now->value, least, std::max(now->resolution, now->value / 20),
       [set_text, text = now->text](Scenario& s, std::int64_t value) { set_text(s, text(value)); },
       now->text});
}

void add_client_params(const Scenario& scenario, const Vocabulary& vocabulary,
                       std::vector<PartNumber>& numbers) {
  for (std::size_t i = 0; i < scenario.workload.size(); ++i) {
    for (const ClientRow& row : vocabulary.clients) {
      if (row.kind != scenario.workload[i].client) continue;
      for (const ParamSpec& spec : row.params) {
        add_client_param(i, scenario.workload[i], spec, row.params, numbers);
      }
    }
  }
}

}  // namespace

std::vector<PartNumber> part_numbers(const Scenario& scenario, const Vocabulary& vocabulary) {
  std::vector<PartNumber> numbers;
  for (std::size_t i = 0; i < scenario.workload.size(); ++i) {
    const WorkloadEntry& entry = scenario.workload[i];
    numbers.push_back({"client " + entry.name + ": processes", entry.processes, 1, 1,
                       [i](Scenario& s, std::int64_t value) {
                         s.workload[i].processes = static_cast<int>(value);
                       },
                       plain_text});
  }
  numbers.push_back(time_number("duration", scenario.duration, Duration{0}, milliseconds(500),
                                [](Scenario& s, Duration d) { s.duration = d; }));
  numbers.push_back(time_number("settle", scenario.settle, Duration{0}, milliseconds(500),
                                [](Scenario& s, Duration d) { s.settle = d; }));
  add_fault_times(scenario, numbers);
  add_magnitudes(scenario, numbers);
  add_client_params(scenario, vocabulary, numbers);
  return numbers;
}

}  // namespace squall
