#include "anchoring/proof/entry.hpp"

#include "storage/base/encoding.hpp"

#include <gtest/gtest.h>

namespace {

proof::Entry sample() {
    proof::Entry e;
    e.seq = 0x0102030405060708;
    e.time_us = 0x1112131415161718;
    e.kind = proof::EntryKind::write_set;
    e.previous.fill(0xaa);
    e.commit.fill(0xbb);
    return e;
}

TEST(Entry, BytesAreTheDocumentedOnes) {
    const auto bytes = sample().encode();
    EXPECT_EQ(base::to_hex(bytes),
              "01"
              "0102030405060708"
              "1112131415161718"
              "02" +
                  std::string(64, 'a') + std::string(64, 'b'));
    const auto back = proof::Entry::decode(bytes);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->encode(), bytes);
    // Computed with another implementation (Python's hashlib) from the hex above.
    EXPECT_EQ(base::to_hex(sample().hash()), "a55cd432065dcaa37e3d0905cf31febc11484d7982c755d365992fc2b44b796f");
}

TEST(Entry, StrangeBytesAreRefused) {
    const auto bytes = sample().encode();
    const base::ByteView view(bytes);
    EXPECT_EQ(proof::Entry::decode(view.first(81)).error().kind, base::Kind::invalid);
    auto longer = base::to_bytes(view);
    longer.push_back(0);
    EXPECT_EQ(proof::Entry::decode(longer).error().kind, base::Kind::invalid);
    auto version = bytes, kind = bytes;
    version[0] = 2;
    kind[17] = 3;
    EXPECT_EQ(proof::Entry::decode(version).error().kind, base::Kind::invalid);
    EXPECT_EQ(proof::Entry::decode(kind).error().kind, base::Kind::invalid);
}

TEST(Entry, CommitDependsOnSaltAndContent) {
    proof::Salt one{}, two{};
    two[31] = 1;
    const auto content = base::as_bytes("{}");
    EXPECT_NE(proof::commit_of(one, content), proof::commit_of(two, content));
    EXPECT_NE(proof::commit_of(one, content), proof::commit_of(one, base::as_bytes("{ }")));
}

TEST(WriteSet, ComesBack) {
    std::vector<proof::Written> set(3);
    set[1].record.fill(7);
    set[1].seq = 99;
    set[1].version = 3;
    set[1].deleted = true;
    set[1].ciphertext_hash.fill(9);
    auto bytes = proof::encode_write_set(set);
    EXPECT_EQ(bytes.size(), 1 + 3 * 61u);
    const auto back = proof::decode_write_set(bytes);
    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(back->size(), 3u);
    EXPECT_EQ((*back)[1].record, set[1].record);
    EXPECT_EQ((*back)[1].seq, 99u);
    EXPECT_EQ((*back)[1].version, 3u);
    EXPECT_TRUE((*back)[1].deleted);
    EXPECT_EQ((*back)[1].ciphertext_hash, set[1].ciphertext_hash);
    bytes.push_back(0);
    EXPECT_EQ(proof::decode_write_set(bytes).error().kind, base::Kind::invalid);
    bytes.pop_back();
    bytes[1 + 28] = 2;
    EXPECT_EQ(proof::decode_write_set(bytes).error().kind, base::Kind::invalid);
    EXPECT_EQ(proof::decode_write_set({}).error().kind, base::Kind::invalid);
}

}  // namespace
