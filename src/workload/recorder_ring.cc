// The recorder ring's two sides.  The head moves by a release store after a record is whole, so a
// writer that dies in the middle of one leaves nothing torn to be seen.
#include "workload/recorder_ring.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "workload/ring_file.h"

namespace squall {

using ring::Header;
using ring::Mapping;
using ring::Record;

namespace {

// The reader wakes a waiting writer; this only bounds the wait should the reader be gone.
constexpr Duration kRoomWait = std::chrono::milliseconds(100);
constexpr std::size_t kLargestFraction = 4;

std::size_t padded(std::size_t size) {
  return (size + 7) & ~std::size_t{7};
}

std::size_t texts_size(const RecordedEvent& event) {
  return event.function.size() + event.key.size() + event.value.size() + event.error.size();
}

std::size_t record_size(const RecordedEvent& event) {
  return padded(sizeof(Record) + texts_size(event));
}

// What is too large for the ring keeps its outcome honest and loses its texts.
RecordedEvent shortened(RecordedEvent event) {
  if (event.kind == RecordedEvent::Kind::kOk) event.kind = RecordedEvent::Kind::kInfo;
  event.value = {};
  event.error = "an answer that is too large for the recorder";
  if (event.key.size() > 256) event.key = {};
  event.function = event.function.substr(0, std::min<std::size_t>(event.function.size(), 256));
  return event;
}

Record to_record(const RecordedEvent& event, std::uint32_t generation) {
  return Record{.length = static_cast<std::uint32_t>(record_size(event)),
                .generation = generation,
                .process = event.process,
                .at = event.at,
                .scheduled = event.scheduled,
                .first_byte = event.first_byte,
                .value_size = static_cast<std::uint32_t>(event.value.size()),
                .error_size = static_cast<std::uint32_t>(event.error.size()),
                .key_size = static_cast<std::uint32_t>(event.key.size()),
                .function_size = static_cast<std::uint16_t>(event.function.size()),
                .kind = static_cast<std::uint8_t>(event.kind),
                .zero = 0};
}

void put_record(const Mapping& mapping, std::uint64_t position, const Record& record,
                const RecordedEvent& event) {
  mapping.put(position, &record, sizeof record);
  position += sizeof record;
  for (const std::string_view text : {event.function, event.key, event.value, event.error}) {
    mapping.put(position, text.data(), text.size());
    position += text.size();
  }
}

}  // namespace

// ---- writer ------------------------------------------------------------------------------------

struct RecorderWriter::State {
  explicit State(Mapping ring) : mapping(std::move(ring)) {}
  void wait_for_room(std::uint64_t head, std::size_t size);

  Mapping mapping;
  std::uint32_t generation = 0;
  std::mutex mutex{};
};

void RecorderWriter::State::wait_for_room(std::uint64_t head, std::size_t size) {
  Header& header = mapping.header();
  const auto is_full = [&] { return head + size - header.tail.load() > mapping.capacity(); };
  if (!is_full()) return;
  header.waits.fetch_add(1, std::memory_order_relaxed);
  while (true) {
    const std::uint32_t room = header.room.load();
    header.is_writer_waiting.store(1);  // before the look at the tail: the reader does the reverse
    if (!is_full()) return;
    ring::futex_wait(header.room, room, kRoomWait);
  }
}

RecorderWriter::RecorderWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
RecorderWriter::RecorderWriter(RecorderWriter&&) noexcept = default;
RecorderWriter& RecorderWriter::operator=(RecorderWriter&&) noexcept = default;
RecorderWriter::~RecorderWriter() = default;

Result<RecorderWriter> RecorderWriter::open(const std::string& path) {
  auto state = std::make_unique<State>(TRY(Mapping::open(path)));
  Header& header = state->mapping.header();
  state->generation = header.generation.fetch_add(1) + 1;
  return RecorderWriter(std::move(state));
}

void RecorderWriter::record(const RecordedEvent& event) {
  const Mapping& mapping = state_->mapping;
  if (event.function.size() > 256 || record_size(event) > mapping.capacity() / kLargestFraction) {
    const RecordedEvent small = shortened(event);
    CHECK(record_size(small) <= mapping.capacity() / kLargestFraction);
    return record(small);
  }
  const Record record = to_record(event, state_->generation);
  const std::scoped_lock lock(state_->mutex);
  std::atomic<std::uint64_t>& head = mapping.header().head;
  const std::uint64_t position = head.load(std::memory_order_relaxed);
  state_->wait_for_room(position, record.length);
  put_record(mapping, position, record, event);
  head.store(position + record.length, std::memory_order_release);
}

ClientCommand RecorderWriter::command() const {
  return static_cast<ClientCommand>(state_->mapping.header().command.load());
}

ClientCommand RecorderWriter::wait_command(ClientCommand old, Duration timeout) const {
  const MonoTime end = system_clock().mono() + timeout;
  while (command() == old) {
    const Duration left = end - system_clock().mono();
    if (left <= Duration::zero()) break;
    ring::futex_wait(state_->mapping.header().command, static_cast<std::uint32_t>(old), left);
  }
  return command();
}

void RecorderWriter::set_ready() {
  state_->mapping.header().is_ready.store(1);
}

std::uint32_t RecorderWriter::generation() const {
  return state_->generation;
}

// ---- reader ------------------------------------------------------------------------------------

struct RecorderReader::State {
  State(Mapping ring, std::string file) : mapping(std::move(ring)), path(std::move(file)) {}
  [[nodiscard]] Result<Record> read_record(std::uint64_t available) const;
  [[nodiscard]] Error corrupt(const std::string& why) const {
    return Error{Errc::kInvalid, path + ": corrupt at byte " + std::to_string(tail) + ": " + why};
  }
  void release_room(std::uint64_t head);

  Mapping mapping;
  std::string path;
  std::uint64_t tail = 0;
  std::vector<char> texts{};
};

Result<Record> RecorderReader::State::read_record(std::uint64_t available) const {
  if (available < sizeof(Record)) return corrupt("half a record");
  Record record = {};
  mapping.get(tail, &record, sizeof record);
  const std::uint64_t texts_end = sizeof(Record) + std::uint64_t{record.value_size} +
                                  record.error_size + record.key_size + record.function_size;
  if (record.length > available) return corrupt("a record that is longer than what was written");
  if (padded(texts_end) != record.length) return corrupt("a record whose lengths disagree");
  if (record.kind > static_cast<std::uint8_t>(RecordedEvent::Kind::kInfo)) {
    return corrupt("an event of kind " + std::to_string(record.kind));
  }
  return record;
}

void RecorderReader::State::release_room(std::uint64_t head) {
  Header& header = mapping.header();
  header.tail.store(tail);
  // At half, so that a writer does not wake for every record.
  if (header.is_writer_waiting.load() == 0 || head - tail > mapping.capacity() / 2) return;
  header.is_writer_waiting.store(0);
  header.room.fetch_add(1);
  ring::futex_wake(header.room);
}

RecorderReader::RecorderReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
RecorderReader::RecorderReader(RecorderReader&&) noexcept = default;
RecorderReader& RecorderReader::operator=(RecorderReader&&) noexcept = default;
RecorderReader::~RecorderReader() = default;

Result<RecorderReader> RecorderReader::create(const std::string& path, std::size_t capacity) {
  return RecorderReader(std::make_unique<State>(TRY(Mapping::create(path, capacity)), path));
}

Result<std::optional<RecordedEvent>> RecorderReader::next() {
  State& state = *state_;
  const std::uint64_t head = state.mapping.header().head.load(std::memory_order_acquire);
  const std::uint64_t available = head - state.tail;
  if (available == 0) return std::optional<RecordedEvent>();
  if (available > state.mapping.capacity()) return state.corrupt("the head is out of reach");
  const Record record = TRY(state.read_record(available));

  state.texts.resize(record.length - sizeof(Record));
  state.mapping.get(state.tail + sizeof(Record), state.texts.data(), state.texts.size());
  state.tail += record.length;
  state.release_room(head);
  std::string_view rest(state.texts.data(), state.texts.size());
  const auto take = [&rest](std::size_t size) {
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  };
  RecordedEvent event{.kind = static_cast<RecordedEvent::Kind>(record.kind),
                      .process = record.process,
                      .at = record.at,
                      .scheduled = record.scheduled,
                      .first_byte = record.first_byte,
                      .generation = record.generation};
  event.function = take(record.function_size);
  event.key = take(record.key_size);
  event.value = take(record.value_size);
  event.error = take(record.error_size);
  return std::optional(event);
}

void RecorderReader::set_command(ClientCommand command) {
  Header& header = state_->mapping.header();
  header.command.store(static_cast<std::uint32_t>(command));
  ring::futex_wake(header.command);
}

bool RecorderReader::is_ready() const {
  return state_->mapping.header().is_ready.load() != 0;
}

std::uint64_t RecorderReader::waits() const {
  return state_->mapping.header().waits.load();
}

}  // namespace squall
