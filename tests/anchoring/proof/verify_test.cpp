#include "anchoring/proof/verify.hpp"

#include "anchoring/proof/tree.hpp"

#include <gtest/gtest.h>

namespace {

using proof::Tier;

// A small log in memory: what a server would keep.
class Log {
  public:
    explicit Log(std::size_t n, std::string mark = "event") : seed_(base::as_bytes("a seed of exactly 32 bytes here!")) {
        proof::Digest previous{};
        for (std::size_t i = 0; i < n; ++i) {
            events.push_back("{\"id\":\"" + mark + std::to_string(i) + "\"}");
            proof::Entry entry;
            entry.seq = i;
            entry.previous = previous;
            salts.emplace_back().fill(static_cast<std::uint8_t>(i + 1));
            entry.commit = proof::commit_of(salts.back(), base::as_bytes(events.back()));
            previous = entry.hash();
            frontier_.append(proof::leaf_hash(entry.encode()), nodes_);
            entries.push_back(entry);
        }
    }
    proof::NodeAt at() const {
        return [this](unsigned level, std::uint64_t index) -> base::Result<proof::Digest> {
            return nodes_[proof::node_position(level, index)];
        };
    }
    proof::VerifierKey key() const { return {"log.test/audit", crypto::ed25519_public_key(seed_)}; }
    proof::ProofFile proof(std::uint64_t i, std::uint64_t size) const {
        proof::ProofFile out;
        out.index = i;
        out.path = *proof::inclusion_path(i, size, at());
        out.checkpoint =
            proof::sign_note(proof::checkpoint_text({"log.test/audit", size, *proof::root_of(size, at())}), "log.test/audit", seed_);
        out.extra = extra(i).encode();
        return out;
    }
    proof::Extra extra(std::uint64_t i) const {
        proof::Extra out;
        out.entry = entries[i];
        out.salt = salts[i];
        return out;
    }
    proof::AnchorRecord anchor(std::uint64_t size, bool final = false) const {
        proof::AnchorRecord out;
        out.size = size;
        out.root = *proof::root_of(size, at());
        out.block_number = 12;
        out.final = final;
        return out;
    }
    base::ByteView event(std::uint64_t i) const { return base::as_bytes(events[i]); }

    std::vector<std::string> events;
    std::vector<proof::Entry> entries;
    std::vector<proof::Salt> salts;

  private:
    crypto::Key seed_;
    std::vector<proof::Digest> nodes_;
    proof::Frontier frontier_;
};

TEST(Verify, TiersRiseWithTheEvidence) {
    const Log log(20);
    const auto proof = log.proof(5, 11);
    const auto with_key = proof::Verifier(log.key(), {}).verify(log.event(5), proof);
    EXPECT_TRUE(with_key.proven);
    EXPECT_EQ(with_key.tier, Tier::signed_head);
    EXPECT_EQ(with_key.sentence, "entry 5: unchanged, in the log of log.test/audit (11 entries), signed by its key");

    const auto bare = proof::Verifier(std::nullopt, {}).verify(log.event(5), proof);
    EXPECT_FALSE(bare.proven);
    EXPECT_EQ(bare.tier, Tier::chained);

    const auto anchored = proof::Verifier(std::nullopt, {log.anchor(11)}).verify(log.event(5), proof);
    EXPECT_TRUE(anchored.proven);
    EXPECT_EQ(anchored.tier, Tier::anchored);
    EXPECT_EQ(proof::Verifier(log.key(), {log.anchor(11, true)}).verify(log.event(5), proof).tier, Tier::final);
    // An anchor of another size says nothing without a path to it.
    EXPECT_EQ(proof::Verifier(log.key(), {log.anchor(20, true)}).verify(log.event(5), proof).tier, Tier::signed_head);
}

TEST(Verify, ALaterAnchorCountsThroughAConsistencyPath) {
    const Log log(20);
    auto proof = log.proof(5, 11);
    auto extra = log.extra(5);
    extra.anchor = log.anchor(20);
    extra.anchor_path = *proof::consistency_path(11, 20, log.at());
    proof.extra = extra.encode();
    EXPECT_EQ(proof::Verifier(log.key(), {log.anchor(20, true)}).verify(log.event(5), proof).tier, Tier::final);
    EXPECT_EQ(proof::Verifier(log.key(), {}).verify(log.event(5), proof).tier, Tier::signed_head)
        << "a claim inside the proof is no evidence";
    extra.anchor_path.pop_back();
    proof.extra = extra.encode();
    const auto bad = proof::Verifier(log.key(), {log.anchor(20, true)}).verify(log.event(5), proof);
    EXPECT_FALSE(bad.proven);
    EXPECT_EQ(bad.sentence,
              "entry 5: the checkpoint of 11 entries is not shown to be part of the tree of 20 entries that the ledger holds");
}

TEST(Verify, SaysWhatIsWrong) {
    const Log log(20), fork(20, "other");
    const auto says = [&](std::optional<base::ByteView> event, const proof::ProofFile& proof,
                          std::vector<proof::AnchorRecord> anchors = {}) {
        const auto verdict = proof::Verifier(log.key(), std::move(anchors)).verify(event, proof);
        EXPECT_FALSE(verdict.proven);
        EXPECT_EQ(verdict.tier, Tier::none);
        return verdict.sentence;
    };
    const auto good = log.proof(5, 11);
    EXPECT_EQ(says(base::as_bytes("{\"id\":\"event6\"}"), good),
              "entry 5: the event was changed; it does not match the commitment in the log");
    EXPECT_EQ(says(std::nullopt, good), "no event was given for entry 5, and the proof does not hold it");
    auto bad = good;
    bad.index = 6;
    EXPECT_EQ(says(log.event(5), bad), "entry 5: the proof is for index 6");
    bad = good;
    bad.path[0][0] ^= 1;
    EXPECT_EQ(says(log.event(5), bad), "entry 5: it is not in the tree of 11 entries that the checkpoint stands for");
    bad = good;
    bad.extra = log.extra(6).encode();
    EXPECT_EQ(says(log.event(6), bad), "entry 6: the proof is for index 5");
    auto extra = log.extra(5);
    extra.entry.time_us += 1;
    bad = good;
    bad.extra = extra.encode();
    EXPECT_EQ(says(log.event(5), bad), "entry 5: it is not in the tree of 11 entries that the checkpoint stands for");
    bad = good;
    bad.checkpoint[bad.checkpoint.size() - 10] ^= 1;
    EXPECT_EQ(says(log.event(5), bad), "entry 5: the signature of log.test/audit on this note does not verify");
    bad = good;
    bad.extra.clear();
    EXPECT_EQ(says(log.event(5), bad), "no tlog-proof: its extra data are not kedge's, or of a later version");
    EXPECT_EQ(says(log.event(5), good, {fork.anchor(11)}),
              "entry 5: the ledger holds another root for the tree of 11 entries: history was rewritten");
    extra = log.extra(5);
    extra.salt.reset();
    bad = good;
    bad.extra = extra.encode();
    EXPECT_EQ(says(log.event(5), bad), "the proof of entry 5 has no salt: its event was erased, so this one cannot be checked");
}

TEST(Verify, AnErasedEventKeepsItsPlace) {
    const Log log(20);
    auto proof = log.proof(5, 11);
    auto extra = log.extra(5);
    extra.salt.reset();
    proof.extra = extra.encode();
    const auto verdict = proof::Verifier(log.key(), {}).verify(std::nullopt, proof);
    EXPECT_TRUE(verdict.proven);
    EXPECT_TRUE(verdict.erased);
    EXPECT_EQ(verdict.sentence,
              "entry 5: its content was erased; the entry is in the log of log.test/audit (11 entries), signed by its key");
}

TEST(Verify, TwoSignedTreesOfOneSizeAreAFork) {
    const Log log(20), fork(20, "other");
    proof::Verifier verifier(log.key(), {});
    EXPECT_TRUE(verifier.verify(log.event(5), log.proof(5, 11)).proven);
    const auto verdict = verifier.verify(fork.event(6), fork.proof(6, 11));
    EXPECT_FALSE(verdict.proven);
    EXPECT_EQ(verdict.sentence, "entry 6: the log shows two different trees of 11 entries: its history was forked");
}

TEST(Verify, AProofThatStandsAloneHoldsItsEvent) {
    const Log log(20);
    auto proof = log.proof(5, 11);
    auto extra = log.extra(5);
    extra.event = log.events[5];
    proof.extra = extra.encode();
    proof::Verifier verifier(log.key(), {});
    EXPECT_TRUE(verifier.verify(std::nullopt, proof.text()).proven);
    EXPECT_FALSE(verifier.verify(log.event(4), proof.text()).proven) << "an event that was given is the one that is checked";
}

TEST(Continuity, FindsDuplicatesGapsOrderAndBrokenLinks) {
    const Log log(20), fork(20, "other");
    proof::Continuity up;
    for (std::size_t i = 3; i < 9; ++i) EXPECT_EQ(up.add(log.entries[i]), "");
    EXPECT_FALSE(up.out_of_order());
    EXPECT_EQ(up.add(log.entries[5]), "entry 5 is here twice");
    EXPECT_EQ(up.add(fork.entries[6]), "entry 6: two different entries bear this number: the log was forked");
    EXPECT_TRUE(up.out_of_order());
    EXPECT_EQ(up.add(fork.entries[9]), "the chain is broken between entries 8 and 9");
    EXPECT_EQ(up.add(fork.entries[2]), "the chain is broken between entries 2 and 3");
    EXPECT_EQ(up.add(log.entries[12]), "");
    const auto missing = up.missing(0, 14);
    ASSERT_EQ(missing.size(), 3u);
    EXPECT_EQ(missing[0].first, 0u);
    EXPECT_EQ(missing[0].last, 1u);
    EXPECT_EQ(missing[1].first, 10u);
    EXPECT_EQ(missing[1].last, 11u);
    EXPECT_EQ(missing[2].first, 13u);
    EXPECT_EQ(missing[2].last, 14u);

    proof::Continuity down;
    for (std::size_t i = 9; i-- > 3;) EXPECT_EQ(down.add(log.entries[i]), "");
    EXPECT_FALSE(down.out_of_order());
    EXPECT_TRUE(down.missing(3, 8).empty());
    auto first = log.entries[0];
    first.previous.fill(1);
    EXPECT_EQ(proof::Continuity().add(first), "entry 0 names an entry before it: the log does not begin here");
}

}  // namespace
