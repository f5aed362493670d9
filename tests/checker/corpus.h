// Every verdict of VERDICTS.json as a case: which file to read how, what to ask, what must come
// out. The folder is named by SQUALL_HISTORIES.
#pragma once

#include <string>
#include <vector>

#include "checker/checker.h"
#include "history/recording.h"

namespace squall::test {

struct CorpusCase {
  std::string name;     // for messages
  std::string path;     // a file; or
  std::string lines;    // JSON lines
  std::string request;  // as parse_check reads it
  Answer expected = Answer::kUnknown;
  std::string words;  // of the verdict's facts or sentences, if not empty
};

struct Corpus {
  std::vector<CorpusCase> cases;
  std::vector<std::string> unclaimed;  // entries of VERDICTS.json that no rule turns into a case
  std::size_t entries = 0;
};

// What VERDICTS.json says of the neutral files, the cases of unit tests among them.
[[nodiscard]] Corpus neutral_corpus(const std::string& folder);
// The same of the original files under raw/.
[[nodiscard]] Corpus raw_corpus(const std::string& folder);

// "" if the verdict is as expected, else what is wrong.
[[nodiscard]] std::string difference(const CorpusCase& one);

}  // namespace squall::test
