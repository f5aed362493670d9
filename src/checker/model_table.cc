// The models of the checker `linearizable` beyond plain registers.
#include <array>

#include "checker/explain.h"
#include "checker/models/append_list.h"
#include "checker/models/counter.h"
#include "checker/models/fenced_lock.h"
#include "checker/models/fifo_queue.h"
#include "checker/models/key_value.h"
#include "checker/models/multi_register.h"
#include "checker/models/mutex.h"
#include "checker/models/reentrant_lock.h"
#include "checker/models/semaphore.h"
#include "checker/models/set.h"
#include "checker/models/stack.h"
#include "checker/models/unique_ids.h"
#include "checker/models/unordered_queue.h"

namespace squall {
namespace {

template <class M>
std::unique_ptr<Model> make(const Values& values, const ModelOptions& options) {
  return std::make_unique<M>(values, options);
}

}  // namespace

std::string Model::text(std::uint32_t value) const {
  return value_text(values_, value);
}

std::string Model::list_text(const Words& items) const {
  constexpr std::size_t kMaxShown = 8;
  const std::size_t first = items.size() > kMaxShown ? items.size() - kMaxShown : 0;
  std::string all = first == 0 ? "[" : "[… ";
  for (std::size_t i = first; i < items.size(); ++i) {
    all += (i == first ? "" : ",") + text(items[i]);
  }
  return all + "]";
}

std::span<const ModelRow> models() {
  static constexpr std::array kRows = {
      ModelRow{"multi-register", "txn of reads and writes of several keys", false,
               make<MultiRegisterModel>},
      ModelRow{"key-value", "get, put, append of texts", true, make<KeyValueModel>},
      ModelRow{"mutex", "acquire, release", true, make<MutexModel>},
      ModelRow{"semaphore", "acquire, release of one of N permits", true, make<SemaphoreModel>},
      ModelRow{"reentrant-lock", "acquire, release by the holder", true, make<ReentrantLockModel>},
      ModelRow{"fenced-lock", "acquire that returns a growing number, release", true,
               make<FencedLockModel>},
      ModelRow{"fifo-queue", "enqueue, dequeue in order", true, make<FifoQueueModel>},
      ModelRow{"unordered-queue", "enqueue, dequeue in any order", true, make<UnorderedQueueModel>},
      ModelRow{"stack", "push, pop", true, make<StackModel>},
      ModelRow{"set", "add, remove, contains, read", true, make<SetModel>},
      ModelRow{"counter", "add, subtract, read", true, make<CounterModel>},
      ModelRow{"unique-ids", "generate", true, make<UniqueIdsModel>},
      ModelRow{"append-list", "append, read of the whole list", true, make<AppendListModel>},
  };
  return kRows;
}

const ModelRow* find_model(std::string_view name) {
  for (const ModelRow& row : models()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace squall
