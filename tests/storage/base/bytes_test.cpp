#include "storage/base/bytes.hpp"

#include "storage/base/encoding.hpp"

#include <gtest/gtest.h>

namespace {

TEST(Writer, WritesBigEndianAndPrefixesLengths) {
    base::Writer w;
    w.u8(0x01).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f).sized("ab").raw(base::as_bytes("c")).sized("");
    EXPECT_EQ(base::to_hex(w.bytes()),
              "0102030405060708090a0b0c0d0e0f"
              "00000002"
              "6162"
              "63"
              "00000000");
    EXPECT_EQ(w.take().size(), 15u + 6 + 1 + 4);
}

TEST(Reader, ReadsWhatWriterWrote) {
    base::Writer w;
    w.u8(255).u16(65535).u32(0xffffffff).u64(0xffffffffffffffff).sized("name").raw(base::Bytes(4, 7)).sized("");
    base::Reader r(w.bytes());
    EXPECT_EQ(r.u8(), 255);
    EXPECT_EQ(r.u16(), 65535);
    EXPECT_EQ(r.u32(), 0xffffffff);
    EXPECT_EQ(r.u64(), 0xffffffffffffffff);
    EXPECT_EQ(r.text(), "name");
    EXPECT_EQ(r.array<4>(), (std::array<std::uint8_t, 4>{7, 7, 7, 7}));
    EXPECT_FALSE(r.done());
    EXPECT_TRUE(r.sized().empty());
    EXPECT_TRUE(r.done());
}

TEST(Reader, AShortReadStaysFailed) {
    const auto bytes = base::to_bytes("\x01\x02\x03");
    base::Reader r(bytes);
    EXPECT_EQ(r.u32(), 0u);
    EXPECT_FALSE(r.ok());
    EXPECT_EQ(r.u8(), 0u);  // although three bytes are left
    EXPECT_FALSE(r.done());
}

TEST(Reader, ALengthPastTheEndIsRefused) {
    const auto bytes = *base::from_hex("ffffffff61");
    base::Reader r(bytes);
    EXPECT_TRUE(r.sized().empty());
    EXPECT_FALSE(r.ok());
    base::Reader empty({});
    EXPECT_EQ(empty.array<2>(), (std::array<std::uint8_t, 2>{}));
    EXPECT_FALSE(empty.ok());
    EXPECT_TRUE(base::Reader({}).done());
}

TEST(EqualConstantTime, ComparesLengthAndContent) {
    using base::as_bytes;
    EXPECT_TRUE(base::equal_constant_time(as_bytes("abc"), as_bytes("abc")));
    EXPECT_TRUE(base::equal_constant_time({}, {}));
    EXPECT_FALSE(base::equal_constant_time(as_bytes("abc"), as_bytes("abd")));
    EXPECT_FALSE(base::equal_constant_time(as_bytes("abc"), as_bytes("Abc")));
    EXPECT_FALSE(base::equal_constant_time(as_bytes("abc"), as_bytes("ab")));
}

TEST(Wipe, Overwrites) {
    std::array<std::uint8_t, 3> secret{1, 2, 3};
    base::wipe(secret);
    EXPECT_EQ(secret, (std::array<std::uint8_t, 3>{}));
    base::wipe({});
}

TEST(ErrorKinds, HaveNamesOfTheirOwn) {
    std::vector<std::string_view> names;
    for (int k = 0; k <= static_cast<int>(base::Kind::fault); ++k) names.push_back(base::to_string(static_cast<base::Kind>(k)));
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
    EXPECT_EQ(names.size(), 18u);
}

TEST(CheckDeathTest, ABrokenContractStopsTheProgram) {
    EXPECT_DEATH(CHECK(1 == 2), "broken contract: 1 == 2");
}

}  // namespace
