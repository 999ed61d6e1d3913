// Whatever is changed, fsck names it; also when it was changed by someone who holds the keys.
#include "anchoring/chain/checkpoint_file.hpp"
#include "anchoring/chain/log.hpp"
#include "storage/crypto/aead.hpp"
#include "tests/anchoring/chain/fixture.hpp"

namespace {

using namespace chain_test;
using base::Kind;
using testing::Test;

const std::string kSegment = "segment-00000000.log";

// 20 entries, one group each, a checkpoint after 12 and after 20.
struct Tampered : Fixture {
    Tampered() {
        fill(0, 12);
        EXPECT_TRUE(log->checkpoint_now().has_value());
        fill(12, 20);
        EXPECT_TRUE(log->search({}).has_value());
        log.reset();
        EXPECT_EQ(fsck(), std::vector<std::string>{});
    }
    // Where the frame of an entry stands, and how long it is.
    std::uint32_t place(std::uint64_t seq) const {
        const auto bytes = support::read_file(file("places"));
        base::Reader in(base::as_bytes(bytes).subspan(seq * 8));
        return chain::Place::unpack(in.u64()).offset;
    }
    std::uint32_t length(std::uint32_t at) const {
        const auto bytes = support::read_file(file(kSegment));
        base::Reader in(base::as_bytes(bytes).subspan(at));
        return in.u32() + 5;
    }
    void replace(const std::string& name, std::size_t at, std::string_view with) {
        auto bytes = support::read_file(file(name));
        bytes.replace(at, with.size(), with);
        support::write_file(file(name), bytes);
    }
    // Changes an entry's frame with the log's own keys and seals it again in the same place.
    void reseal(std::uint64_t seq, const std::function<void(chain::EntryFrame&)>& change) {
        const chain::LogKeys log_keys(*keys);
        chain::Segments segments(options.dir, log_keys.log.copy());
        const auto segment = *segments.get(0);
        const auto at = place(seq);
        auto frame = *chain::EntryFrame::decode((*segment->read(at))->body);
        change(frame);
        const auto entry = frame.entry.encode();
        base::Bytes body(entry.begin(), entry.end());
        const auto tail = frame.encode_tail();
        body.insert(body.end(), tail.begin(), tail.end());
        base::Bytes out;
        crypto::SealingKey frames(segment->key());
        ASSERT_TRUE(chain::seal_frame(frames, chain::FrameType::entry, {0, at}, {body}, out).has_value());
        ASSERT_EQ(out.size(), length(at)) << "the test must keep the length";
        replace(kSegment, at, base::as_text(out));
    }
    bool names(const std::string& sentence) {
        const auto found = fsck();
        std::string all;
        for (const auto& line : found) {
            if (line.find(sentence) != std::string::npos) return true;
            all += line + "\n";
        }
        ADD_FAILURE() << "'" << sentence << "' is not among:\n" << all;
        return false;
    }
};

TEST(Tamper, EveryByteOfAFrame) {
    Tampered t;
    const auto good = support::read_file(t.file(kSegment));
    const auto at = t.place(7), length = t.length(at);
    std::size_t tried = 0;
    for (std::uint32_t i = 0; i < length; i += i < 20 ? 1 : 97, ++tried) {
        t.flip(kSegment, at + i);
        EXPECT_TRUE(t.names("entry 7: the frame at offset " + std::to_string(at))) << "byte " << i;
        EXPECT_EQ(t.fsck().size(), 1u);
        support::write_file(t.file(kSegment), good);
    }
    EXPECT_GE(tried, 20u);
}

TEST(Tamper, AFrameThatWasSwappedOrReplayedDoesNotOpen) {
    Tampered t;
    const auto good = support::read_file(t.file(kSegment));
    // Two frames of one length, so that the bytes around them stay in place, and not neighbours, which fsck names as one range.
    std::uint64_t one = 0, two = 2;
    while (one < 19 && t.length(t.place(two)) != t.length(t.place(one))) {
        if (++two == 20) two = ++one + 2;
    }
    ASSERT_LT(two, 20u);
    const auto a = t.place(one), b = t.place(two), n = t.length(a);
    ASSERT_EQ(n, t.length(b));
    t.replace(kSegment, a, good.substr(b, n));
    t.replace(kSegment, b, good.substr(a, n));
    EXPECT_TRUE(t.names("entry " + std::to_string(one) + ": the frame at offset"));
    EXPECT_TRUE(t.names("entry " + std::to_string(two) + ": the frame at offset"));
    t.replace(kSegment, b, good.substr(b, n));
    EXPECT_TRUE(t.names("entry " + std::to_string(one) + ": the frame at offset")) << "replayed";
    EXPECT_EQ(t.fsck().size(), 1u);
}

TEST(Tamper, AGroupCutOutOfTheMiddle) {
    Tampered t;
    auto bytes = support::read_file(t.file(kSegment));
    bytes.erase(t.place(5), t.place(6) - t.place(5));
    support::write_file(t.file(kSegment), bytes);
    EXPECT_TRUE(t.names("entry 5"));
    EXPECT_FALSE(t.try_open().has_value());
}

TEST(Tamper, AGroupZeroedOut) {
    Tampered t;
    t.replace(kSegment, t.place(5), std::string(t.place(6) - t.place(5), '\0'));
    EXPECT_TRUE(t.names("belong to no whole group"));
    EXPECT_TRUE(t.names("entries 5..11: the log is truncated: a checkpoint covers 12 entries, the log holds 5"));
}

TEST(Tamper, ALogShorterThanItsCheckpointIsRefusedNotRepaired) {
    Tampered t;
    const auto good = support::read_file(t.file(kSegment));
    for (const std::uint64_t cut : {19u, 12u, 1u}) {
        support::write_file(t.file(kSegment), good.substr(0, t.place(cut)));
        const auto refused = t.try_open();
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().kind, Kind::corrupt);
        EXPECT_EQ(refused.error().diagnostics, "the audit log is truncated: its last checkpoint covers 20 entries");
        EXPECT_EQ(support::read_file(t.file(kSegment)).size(), t.place(cut)) << "nothing was repaired";
    }
    EXPECT_TRUE(t.names("entries 1..11: the log is truncated: a checkpoint covers 12 entries, the log holds 1"));
    EXPECT_TRUE(t.names("entries 1..19: the log is truncated: a checkpoint covers 20 entries, the log holds 1"));
    std::filesystem::remove(t.file(kSegment));
    EXPECT_EQ(t.try_open().error().kind, Kind::corrupt);
}

TEST(Tamper, WithTheLogKeyTheContentOfAnEntry) {
    Tampered t;
    t.reseal(17, [&](chain::EntryFrame& frame) {
        // All keys at hand: another event of the same length, sealed under the patient's own audit key for this very entry.
        const auto key = *t.keys->by_id(frame.key_id);
        auto associated = base::Writer().raw(base::as_bytes("kedge audit content 1")).u8(1).raw(frame.entry.commit).take();
        auto plain = *crypto::open(*key.key, frame.content, associated);
        plain[5] ^= 1;  // the salt: content and length stay
        frame.content = *crypto::seal(*key.key, plain, associated);
    });
    EXPECT_TRUE(t.names("entry 17: the stored event does not match its commitment"));
    EXPECT_EQ(t.fsck().size(), 1u);
}

TEST(Tamper, WithTheLogKeyAContentThatDoesNotOpen) {
    Tampered t;
    t.reseal(4, [](chain::EntryFrame& frame) { frame.content[20] ^= 1; });
    EXPECT_TRUE(t.names("entry 4: the stored event does not open"));
}

TEST(Tamper, WithTheLogKeyTheEntryItself) {
    Tampered t;
    t.reseal(6, [](chain::EntryFrame& frame) { frame.entry.time_us += 1; });
    EXPECT_TRUE(t.names("the chain is broken between entries 6 and 7"));
    EXPECT_TRUE(t.names("entry 6: the stored tree has another leaf"));
    EXPECT_TRUE(t.names("the checkpoint of 12 entries stands for another tree than the log has"));
}

TEST(Tamper, WithTheLogKeyAnEntrysNumber) {
    Tampered t;
    t.reseal(6, [](chain::EntryFrame& frame) { frame.entry.seq = 3; });
    EXPECT_TRUE(t.names("entry 3 stands where entry 6 was expected"));
}

TEST(Tamper, WithTheLogKeyWhatTheIndexShows) {
    Tampered t;
    t.reseal(6, [](chain::EntryFrame& frame) { frame.row.tokens[0][0] ^= 1; });
    EXPECT_TRUE(t.names("entry 6: what the index finds it by differs from the log"));
}

TEST(Tamper, EveryNodeOfTheTree) {
    Tampered t;
    const auto good = support::read_file(t.file("tree"));
    ASSERT_EQ(good.size(), 32 * proof::node_count(20));
    for (std::size_t node = 0; node < good.size() / 32; ++node) {
        t.flip("tree", node * 32 + node % 32);
        EXPECT_TRUE(t.names("the stored tree has another")) << node;
        EXPECT_EQ(t.fsck().size(), 1u);
        support::write_file(t.file("tree"), good);
    }
    // A node on the right edge stops the start too: the signed root does not come out.
    t.flip("tree", 32 * proof::node_position(4, 0));
    EXPECT_EQ(t.try_open().error().kind, Kind::corrupt);
}

TEST(Tamper, APlace) {
    Tampered t;
    t.flip("places", 9 * 8 + 7);
    EXPECT_TRUE(t.names("entry 9: the places file names another place"));
    t.open();
    EXPECT_EQ(t.log->event(9).error().kind, Kind::corrupt);
}

TEST(Tamper, EveryFieldOfACheckpoint) {
    Tampered t;
    const auto good = support::read_file(t.file("checkpoints"));
    ASSERT_EQ(good.size(), chain::CheckpointFile::kHeaderBytes + 2 * chain::CheckpointFile::kRecordBytes);
    for (std::size_t i = 0; i < chain::CheckpointFile::kRecordBytes; i += 5) {
        t.flip("checkpoints", chain::CheckpointFile::kHeaderBytes + i);
        EXPECT_TRUE(t.names("checkpoint 0 of the audit log is damaged")) << i;
        support::write_file(t.file("checkpoints"), good);
        t.flip("checkpoints", chain::CheckpointFile::kHeaderBytes + chain::CheckpointFile::kRecordBytes + i);
        EXPECT_TRUE(t.names("checkpoint 1 of the audit log is damaged")) << i;
        EXPECT_EQ(t.try_open().error().kind, Kind::corrupt);
        support::write_file(t.file("checkpoints"), good);
    }
    t.flip("checkpoints", 3);
    EXPECT_TRUE(t.names("the file of checkpoints has no good header"));
    std::filesystem::remove(t.file("checkpoints"));
    EXPECT_EQ(t.try_open().error().diagnostics, "the audit log has no file of checkpoints");
}

TEST(Tamper, ACheckpointSignedForAnotherTree) {
    Tampered t;
    // With every key at hand: a record that is whole in itself and stands for a tree that this log does not have.
    const chain::LogKeys log_keys(*t.keys);
    auto file = *chain::CheckpointFile::open(t.file("checkpoints"), log_keys.checkpoint_mac, log_keys.public_key, chain::File::Mode::write);
    auto record = *file->read(1);
    record.size = 19;
    record.signature = crypto::ed25519_sign(log_keys.signing, base::as_bytes(file->text(record)));
    chain::Disk disk;
    ASSERT_TRUE(file->append(record, disk).has_value());
    EXPECT_TRUE(t.names("checkpoint 2 covers 19 entries, no more than the one before it"));
}

TEST(Tamper, ASealedSegment) {
    Fixture f(false);
    f.options.segment_bytes = 8192;
    f.open();
    f.fill(0, 60);
    EXPECT_TRUE(f.fsck().empty());
    const auto manifest = support::read_file(f.file("manifest"));
    EXPECT_GE(std::count(manifest.begin(), manifest.end(), '\n'), 2);
    f.flip(kSegment, 30);  // its salt: nothing in it opens any more
    const auto found = f.fsck();
    const auto has = [&](std::string_view what) {
        return std::any_of(found.begin(), found.end(), [&](const auto& line) { return line.find(what) != std::string::npos; });
    };
    EXPECT_TRUE(has("entry 0 and what follows it in segment 0"));
    EXPECT_TRUE(has("segment 0 was changed after it was sealed"));
    EXPECT_EQ(found.size(), 3u) << "and the index, which is bound to that salt";
    f.flip(kSegment, 30);
    f.flip("manifest", 10);
    EXPECT_EQ(f.try_open().error().kind, Kind::corrupt);
    support::write_file(f.file("manifest"), manifest);
    std::filesystem::remove(f.file("segment-00000001.log"));
    EXPECT_EQ(f.try_open().error().diagnostics, "segment 1 of the audit log is missing");
    EXPECT_EQ(f.fsck(), std::vector<std::string>{"segment 1 of the audit log is missing"});
}

// With the key at hand: each table of the index is changed as one would who wants an access not to be found.
struct TamperedIndex : Tampered {
    TamperedIndex() { log.reset(); }
    store::Database open_index() {
        const chain::LogKeys log_keys(*keys);
        return *store::Database::open(file("audit-index.db"), log_keys.index, {});
    }
    // Each posting as `change` leaves it; false: dropped.
    void repost(const std::function<bool(chain::Posting&)>& change) {
        auto db = open_index();
        std::vector<chain::Posting> postings;
        {
            auto blocks = *db.prepare("SELECT block FROM post ORDER BY run,first");
            while (*blocks.step()) {
                chain::BlockReader reader(blocks.view(0));
                for (chain::Posting posting; reader.next(posting);) {
                    if (change(posting)) postings.push_back(posting);
                }
                ASSERT_FALSE(reader.damaged());
            }
        }
        std::sort(postings.begin(), postings.end());
        ASSERT_TRUE(db.execute("DELETE FROM post").has_value());
        const auto runs = *chain::read_runs(db);
        ASSERT_EQ(runs.size(), 1u);
        chain::BlockBuilder builder([&](const auto& key, auto block) { return chain::put_block(db, runs[0].number, key, block); });
        for (const auto& posting : postings) ASSERT_TRUE(builder.add(posting).has_value());
        ASSERT_TRUE(builder.finish().has_value());
    }
};

TEST(Tamper, WhatTheIndexKnowsOfAnEntry) {
    TamperedIndex t;
    {
        auto db = t.open_index();
        auto row = *db.prepare("SELECT block FROM ev");
        ASSERT_TRUE(*row.step());
        auto facts = *chain::decode_facts(row.view(0));
        row.reset();
        ASSERT_EQ(facts.size(), 20u);
        facts[5].recorded_us += 1;
        facts[7].action = 'D';
        ASSERT_TRUE(db.execute("DELETE FROM ev").has_value());
        ASSERT_TRUE(chain::put_facts(db, 0, facts).has_value());
    }
    EXPECT_TRUE(t.names("entry 5: its row in the index differs from the log"));
    EXPECT_TRUE(t.names("entry 7: its row in the index differs from the log"));
    EXPECT_EQ(t.fsck().size(), 2u);
    ASSERT_TRUE(t.open_index().execute("DELETE FROM ev").has_value());
    EXPECT_TRUE(t.names("entry 4 is missing in the audit index"));
    t.open();
    EXPECT_EQ(t.log->search({}).error().kind, Kind::corrupt) << "and a search does not call it an empty trail";
    ASSERT_TRUE(t.log->reindex({}).has_value());
    EXPECT_EQ(t.log->search({})->seqs.size(), 20u);
    EXPECT_TRUE(t.fsck().empty());
}

TEST(Tamper, APostingOfTheIndex) {
    TamperedIndex t;
    int dropped = 0;
    t.repost([&](chain::Posting& posting) { return posting.seq != 4 || dropped++ != 2; });
    EXPECT_TRUE(t.names("entry 4: what the index finds it by differs from the log"));
    EXPECT_EQ(t.fsck().size(), 1u);
    int moved = 0;
    t.repost([&](chain::Posting& posting) { return posting.seq != 9 || moved++ != 1 || (posting.low ^= 1, true); });
    EXPECT_TRUE(t.names("entry 9: what the index finds it by differs from the log"));
    EXPECT_EQ(t.fsck().size(), 2u);
    ASSERT_TRUE(t.open_index().execute("UPDATE post SET block=x'01'||substr(block,2)").has_value());
    EXPECT_TRUE(t.names("the index of entries 0..19: a block is damaged or out of its place"));
    ASSERT_TRUE(t.open_index().execute("DELETE FROM post").has_value());
    EXPECT_TRUE(t.names("entry 0: what the index finds it by differs from the log"));
    ASSERT_TRUE(t.open_index().execute("UPDATE run SET high=25").has_value());
    EXPECT_TRUE(t.names("the index knows 25 entries, the log holds 20"));
    t.open();
    EXPECT_TRUE(t.fsck().empty()) << "an index that knows more than the log is built again at the start";
}

}  // namespace
