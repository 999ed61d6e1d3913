#include "anchoring/proof/proof_file.hpp"

#include <gtest/gtest.h>

namespace {

using base::Kind;

// The shape of the example in the specification, with a checkpoint of its own.
const std::string kProof =
    "c2sp.org/tlog-proof@v1\n"
    "extra YWdlLXYxLjIuMQ==\n"
    "index 73894\n"
    "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
    "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
    "\n"
    "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n\xE2\x80\x94 example.com/fancylog AAAA\n";

std::string with(std::string from, std::string_view what, std::string_view instead) {
    const auto at = from.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return from.replace(at, what.size(), instead);
}

TEST(ProofFile, ComesBack) {
    const auto proof = proof::ProofFile::parse(kProof);
    ASSERT_TRUE(proof.has_value()) << proof.error().diagnostics;
    EXPECT_EQ(base::as_text(proof->extra), "age-v1.2.1");
    EXPECT_EQ(proof->index, 73894u);
    EXPECT_EQ(proof->path.size(), 2u);
    EXPECT_TRUE(proof->checkpoint.starts_with("example.com/fancylog\n109482\n"));
    EXPECT_EQ(proof->text(), kProof);
    const auto bare = with(kProof, "extra YWdlLXYxLjIuMQ==\n", "");
    EXPECT_EQ(proof::ProofFile::parse(bare)->text(), bare);
}

TEST(ProofFile, IsStrict) {
    const std::vector<std::string> bad{"",
                                       "c2sp.org/tlog-proof@v1",
                                       with(kProof, "@v1", "@v2"),
                                       with(kProof, "index 73894", "index 073894"),
                                       with(kProof, "index 73894", "index"),
                                       with(kProof, "index 73894\n", ""),
                                       with(kProof, "extra Y", "extra !"),
                                       with(kProof, "extra YWdlLXYxLjIuMQ==", "extra "),
                                       with(kProof, "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=", "gSKyXoYZ"),
                                       with(kProof, "=\n\nexample", "=\nexample"),
                                       kProof.substr(0, kProof.find("example.com")),
                                       kProof.substr(0, kProof.find("B95"))};
    for (const auto& text : bad) EXPECT_EQ(proof::ProofFile::parse(text).error().kind, Kind::invalid) << text;
    std::string long_path = "c2sp.org/tlog-proof@v1\nindex 1\n";
    for (int i = 0; i < 65; ++i) long_path += "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n";
    EXPECT_EQ(proof::ProofFile::parse(long_path + "\nx\n").error().kind, Kind::invalid);
}

TEST(Extra, ComesBackWithAndWithoutItsParts) {
    for (int parts = 0; parts < 8; ++parts) {
        proof::Extra extra;
        extra.entry.seq = 17;
        extra.entry.commit.fill(3);
        if ((parts & 1) != 0) extra.salt.emplace().fill(4);
        if ((parts & 2) != 0) extra.event = "{\"resourceType\":\"AuditEvent\"}";
        if ((parts & 4) != 0) {
            extra.anchor.emplace().size = 99;
            extra.anchor->final = true;
            extra.anchor_path.resize(3);
        }
        const auto bytes = extra.encode();
        const auto back = proof::Extra::decode(bytes);
        ASSERT_TRUE(back.has_value()) << parts;
        EXPECT_EQ(back->entry.encode(), extra.entry.encode());
        EXPECT_EQ(back->salt, extra.salt);
        EXPECT_EQ(back->event, extra.event);
        EXPECT_EQ(back->anchor, extra.anchor);
        EXPECT_EQ(back->anchor_path, extra.anchor_path);
        for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(proof::Extra::decode(base::ByteView(bytes).first(n)).has_value());
        auto longer = bytes, flags = bytes;
        longer.push_back(0);
        flags[1] |= 0x80;
        EXPECT_EQ(proof::Extra::decode(longer).error().kind, Kind::invalid);
        EXPECT_EQ(proof::Extra::decode(flags).error().kind, Kind::invalid);
    }
}

TEST(AnchorRecord, JsonComesBackAndBadMembersAreNamed) {
    proof::AnchorRecord record;
    record.chain_id = 31337;
    record.contract.fill(0xc0);
    record.log_id.fill(1);
    record.size = 5000;
    record.root.fill(2);
    record.tx_hash.fill(3);
    record.block_number = 7;
    record.block_hash.fill(4);
    record.final = true;
    const auto text = record.json();
    EXPECT_EQ(*proof::AnchorRecord::parse(text), record);
    const auto lines = proof::AnchorRecord::parse_lines(text + "\n\n" + text + "\r\n" + text);
    ASSERT_TRUE(lines.has_value()) << lines.error().diagnostics;
    EXPECT_EQ(lines->size(), 3u);
    for (const std::string member : {"chainId", "contract", "logId", "size", "root", "txHash", "blockNumber", "finality"}) {
        const auto broken = with(text, "\"" + member + "\"", "\"x" + member + "\"");
        const auto bad = proof::AnchorRecord::parse_lines(text + "\n" + broken);
        ASSERT_FALSE(bad.has_value());
        EXPECT_EQ(bad.error().diagnostics, "line 2: this anchor record has no good '" + member + "'");
    }
}

}  // namespace
