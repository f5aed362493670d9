// A fake of the program.
#include "tests/search/fake_squall.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/files.h"
#include "history/run_file.h"

namespace squall::test {
namespace {

// $0's folder holds plan-SEED, and where.tsv with "TEXT<tab>PLAN" lines.
constexpr const char* kScript = R"(#!/bin/sh
here=${0%/*}
scenario=$2
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 ;;
    --seed) seed=$2 ;;
  esac
  shift
done
printf '%s ' "${seed:-$out}" >>"$here/started"
plan=clean
if [ -e "$here/plan-$seed" ]; then read -r plan <"$here/plan-$seed"; fi
if [ -e "$here/where.tsv" ]; then
  while IFS='	' read -r text then; do
    if grep -q -e "$text" "$scenario"; then plan=$then; break; fi
  done <"$here/where.tsv"
fi
case $plan in
  violation) cp "$here/violation.squall" "$out"; echo "history abc"; exit 1 ;;
  other) cp "$here/other.squall" "$out"; exit 1 ;;
  invalid) echo 'squall: the cut was late'; exit 3 ;;
  usage) echo 'squall: no such client'; exit 2 ;;
  dirty) echo 'squall: an undo failed'; exit 6 ;;
  hang) exec sleep 600 ;;
  *) echo 'history def'; exit 0 ;;
esac
)";

void write_run_file(const std::string& path, const std::string& check) {
  RunFileWriter file = RunFileWriter::create(path).value();
  file.set_meta("judgement", "violation: " + check);
  VerdictRow row;
  row.check = check;
  row.answer = "violated";
  row.kind = "safety";
  row.examined = 3;
  row.summary = "process 1 read 4, which nobody had written";
  row.detail = R"({"witnesses":[{"operations":[1],"why":"process 1 read 4"}]})";
  file.add_verdict(row);
  ASSERT_TRUE(file.close().ok());
}

}  // namespace

FakeSquall::FakeSquall() {
  EXPECT_TRUE(write_file(program(), kScript).ok());
  std::filesystem::permissions(program(), std::filesystem::perms::owner_all);
  write_run_file(path("violation.squall"), "linearizable{client=kv}");
  write_run_file(path("other.squall"), "log-pattern");
}

void FakeSquall::plan(std::uint64_t seed, const std::string& what) const {
  EXPECT_TRUE(write_file(path("plan-" + std::to_string(seed)), what + "\n").ok());
}

void FakeSquall::plan_where(const std::string& text, const std::string& what) const {
  const std::string before = read_file(path("where.tsv")).value_or("");
  EXPECT_TRUE(write_file(path("where.tsv"), before + text + "\t" + what + "\n").ok());
}

std::string FakeSquall::started() const {
  std::string text = read_file(path("started")).value_or("");
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace squall::test
