// Stepping over JSON: the quick way by brackets ends where the strict way ends, and the strict way takes what json::parse takes.
#include "anchoring/kedge_verify/text_scan.hpp"

#include "storage/base/json.hpp"

#include <random>

#include <gtest/gtest.h>

namespace {

using kedge_verify::TextScan;

// Objects full of what could mislead a counter of brackets, at every place of a 64-byte block.
class Maker {
  public:
    std::string object(int depth) {
        std::string out = "{";
        const auto members = random_() % 5;
        for (std::size_t i = 0; i < members; ++i) {
            out += (i == 0 ? "\"" : ",\"") + text() + std::to_string(number_++) + "\":" + space() + value(depth);
        }
        return out + space() + "}";
    }

  private:
    std::string value(int depth) {
        switch (random_() % (depth > 0 ? 6 : 4)) {
            case 0:
                return "-1.50e+3";
            case 1:
                return "null";
            case 2:
            case 3:
                return "\"" + text() + "\"";
            case 4:
                return "[" + value(depth - 1) + space() + "," + value(depth - 1) + "]";
            default:
                return object(depth - 1);
        }
    }
    std::string text() {
        static const std::vector<std::string> kParts{"{", "}",     "[",        "]", "\\\"", "\\\\", "\\u00e4",
                                                     "a", "lang ", "\xC3\xA4", ":", ",",    "\\n"};
        std::string out;
        const auto parts = random_() % 3 == 0 ? random_() % 60 : random_() % 6;
        for (std::size_t i = 0; i < parts; ++i) out += kParts[random_() % kParts.size()];
        return out;
    }
    std::string space() { return std::string(random_() % 3, ' '); }

    std::mt19937 random_{5};
    std::size_t number_ = 0;
};

TEST(TextScan, BracketsEndWhereTheGrammarEnds) {
    Maker maker;
    std::size_t long_ones = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto object = maker.object(5);
        ASSERT_TRUE(json::parse(object).has_value()) << object;
        long_ones += object.size() > 200 ? 1 : 0;
        const auto text = std::string(static_cast<std::size_t>(i) % 64, ' ') + object + ",{\"next\":1}";
        TextScan strict(text), quick(text);
        std::string_view a, b;
        ASSERT_TRUE(strict.value(a)) << object;
        ASSERT_TRUE(quick.object_text(b)) << object;
        EXPECT_EQ(a, object);
        EXPECT_EQ(b, object);
        EXPECT_EQ(strict.offset(), quick.offset());
        if (i % 50 == 0) {
            for (std::size_t cut = 0; cut < object.size(); ++cut) {
                const auto part = object.substr(0, cut);
                EXPECT_FALSE(TextScan(part).object_text(b)) << part;
                EXPECT_FALSE(TextScan(part).value(a)) << part;
            }
        }
    }
    EXPECT_GE(long_ones, 500u);
}

TEST(TextScan, TheStrictWayTakesWhatTheReaderTakes) {
    Maker maker;
    std::mt19937 random(9);
    std::size_t refused = 0;
    for (int i = 0; i < 4000; ++i) {
        auto object = maker.object(3);
        // One byte changed: most often broken, sometimes not.
        object[random() % object.size()] = "{}[]\",:\\0 xu\n\x80"[random() % 15];
        TextScan scan(object);
        const bool taken = scan.skip_value() && scan.at_end();
        const auto read = json::parse(object);
        // The reader refuses repeated members and half characters besides; what it takes, the scan takes.
        if (read) {
            EXPECT_TRUE(taken) << object;
        } else if (read.error().diagnostics.find("duplicate") == std::string::npos &&
                   read.error().diagnostics.find("twice") == std::string::npos &&
                   read.error().diagnostics.find("surrogate") == std::string::npos && object.find("\\u") == std::string::npos) {
            EXPECT_FALSE(taken) << object << ": " << read.error().diagnostics;
            ++refused;
        }
    }
    EXPECT_GE(refused, 1000u);
}

}  // namespace
