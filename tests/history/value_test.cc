// Values: equal ids exactly for equal values, and text that is always UTF-8.
#include "history/value.h"

#include <gtest/gtest.h>

#include <numeric>

#include "history/utf8.h"

namespace squall {
namespace {

TEST(Values, EqualValuesHaveOneId) {
  Values values;
  EXPECT_EQ(values.integer(7), values.integer(7));
  EXPECT_EQ(values.text("a"), values.text("a"));
  EXPECT_EQ(values.pair(values.integer(1), values.text("a")),
            values.pair(values.integer(1), values.text("a")));
  EXPECT_EQ(values.boolean(true), values.boolean(true));
}

TEST(Values, DifferentValuesHaveDifferentIds) {
  Values values;
  const ValueId one = values.integer(1);
  EXPECT_NE(one, values.text("1"));
  EXPECT_NE(one, values.list(std::vector{one}));
  EXPECT_NE(values.list({}), kNil);
  EXPECT_NE(values.boolean(false), values.integer(0));
  EXPECT_NE(values.pair(one, kNil), values.pair(kNil, one));
}

TEST(Values, IdsAreDense) {
  Values values;
  const std::size_t before = values.size();
  EXPECT_EQ(values.integer(10), before);
  EXPECT_EQ(values.text("x"), before + 1);
  EXPECT_EQ(values.integer(10), before);
  EXPECT_EQ(values.size(), before + 2);
}

TEST(Values, GivesBackWhatWasPutIn) {
  Values values;
  const ValueId list = values.list(std::vector{values.integer(-5), values.text("b"), kNil});
  EXPECT_EQ(values.as_integer(values.integer(-5)), -5);
  EXPECT_EQ(values.as_text(values.text("b")), "b");
  EXPECT_TRUE(values.as_boolean(values.boolean(true)));
  ASSERT_EQ(values.as_list(list).size(), 3U);
  EXPECT_EQ(values.as_integer(values.as_list(list)[0]), -5);
  EXPECT_EQ(values.kind(values.as_list(list)[2]), ValueKind::kNull);
}

TEST(Values, PrintJson) {
  Values values;
  const ValueId inner = values.pair(values.integer(1), values.text("a\"\\\n\x01é"));
  const ValueId outer = values.list(std::vector{inner, kNil, values.boolean(false)});
  EXPECT_EQ(values.to_json(outer), R"([[1,"a\"\\\n\u0001é"],null,false])");
}

TEST(Values, CopyOutlivesItsOriginal) {
  Values copy;
  ValueId original_id = kNil;
  {
    Values original;
    original_id = original.text("a text that is longer than the small string buffer");
    copy = original;
  }
  EXPECT_EQ(copy.text("a text that is longer than the small string buffer"), original_id);
}

TEST(Values, AListMayBeMadeFromAPartOfAnother) {
  Values values;
  std::vector<ValueId> items;
  for (int i = 0; i < 1000; ++i) items.push_back(values.integer(i));
  const ValueId all = values.list(items);
  const ValueId tail = values.list(values.as_list(all).subspan(1));
  ASSERT_EQ(values.as_list(tail).size(), 999U);
  EXPECT_EQ(values.as_integer(values.as_list(tail)[998]), 999);
}

TEST(Values, BytesThatAreNotUtf8BecomeVisible) {
  Values values;
  EXPECT_EQ(values.as_text(values.text("a\xff\xc3z")), "a\\xff\\xc3z");
  EXPECT_EQ(values.text("a\xff\xc3z"), values.text("a\xff\xc3z"));
  EXPECT_NE(values.text("\xff"), values.text("\xfe"));
}

TEST(Utf8, RejectsOverlongSurrogatesAndTruncated) {
  for (const char* valid : {"", "a", "é", "€", "😀", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(valid));
  for (const char* invalid : {"\xc0\x80", "\xed\xa0\x80", "\xe2\x82", "\xf4\x90\x80\x80", "\x80",
                              "\xf8\x88\x80\x80\x80", "\xe0\x80\x80"}) {
    EXPECT_FALSE(is_utf8(invalid));
  }
}

TEST(Values, ASetReadOfThousandsCostsFourBytesAnItem) {
  Values values;
  std::vector<ValueId> items;
  for (int i = 0; i < 4000; ++i) items.push_back(values.integer(i));
  const std::size_t before = values.bytes();
  for (std::size_t count = 3900; count < 4000; ++count) {
    (void)values.list(std::span(items).first(count));
  }
  // Vectors double, so up to twice the four bytes.
  EXPECT_LT(values.bytes() - before, 100U * 4000U * 2 * sizeof(ValueId) + 100'000U);
}

}  // namespace
}  // namespace squall
