#include "anchoring/chain/proofs.hpp"
#include "storage/crypto/hash.hpp"
#include "storage/crypto/random.hpp"
#include "tests/anchoring/chain/fixture.hpp"

#include <atomic>
#include <sstream>
#include <thread>

namespace {

using namespace chain_test;
using base::Kind;

TEST(Log, KeepsWhatWasAppendedInOrderAndAcrossAStart) {
    Fixture f;
    f.fill(0, 5);
    const auto done = f.append({submission("a", "2"), submission("b", ""), submission("c", "1")});
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->first_seq, 5u);
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(f.log->size(), 8u);
        const auto event = f.log->event(6);
        ASSERT_TRUE(event.has_value()) << event.error().diagnostics;
        EXPECT_EQ(event->content, audit_event("b", ""));
        EXPECT_EQ(event->keys.id, "b");
        EXPECT_EQ(event->keys.subtype, "read");
        EXPECT_FALSE(event->erased);
        EXPECT_EQ(event->entry.seq, 6u);
        EXPECT_EQ(event->entry.previous, f.log->event(5)->entry.hash());
        EXPECT_EQ(f.log->event(8).error().kind, Kind::not_found);
        f.open();
    }
    f.fill(8, 10);
    EXPECT_TRUE(f.fsck().empty());
}

TEST(Log, AnIdThatIsSaidToComeOnceIsNotLookedFor) {
    Fixture f;
    auto fresh = submission("fresh", "1", f.clock.now_us());
    fresh.once = true;
    EXPECT_EQ(f.append({fresh})->first_seq, 0u);
    EXPECT_TRUE(*f.log->contains("fresh"));
    EXPECT_FALSE(chain::Submission::decode(fresh.encode())->once) << "what stands in a journal is appended again after a crash";
    EXPECT_EQ(f.append({fresh})->first_seq, 1u) << "the promise was broken, and nobody looked";
    EXPECT_EQ(f.append({submission("other", "1", f.clock.now_us())})->first_seq, 2u);
}

TEST(Log, AnIdComesOnceWhateverTheTimeBetween) {
    Fixture f;
    const auto first = submission("same", "1", f.clock.now_us());
    EXPECT_EQ(f.append({first})->first_seq, 0u);
    f.fill(1, 4);
    EXPECT_EQ(f.append({first})->first_seq, 0u);
    EXPECT_EQ(f.append({submission("new", "1", f.clock.now_us()), first, submission("new", "1", f.clock.now_us())})->first_seq, 4u);
    EXPECT_EQ(f.log->size(), 5u);
    f.open();
    EXPECT_EQ(f.append({first})->first_seq, 0u) << "after a start the index knows it";
    auto timeless = first;
    timeless.keys.recorded_us = 0;
    EXPECT_EQ(f.append({timeless})->first_seq, 0u);
    EXPECT_EQ(f.log->size(), 5u);
    EXPECT_TRUE(*f.log->contains("same"));
    EXPECT_FALSE(*f.log->contains("other"));
    EXPECT_EQ(**f.log->find("e3"), 3u);
    EXPECT_FALSE(f.log->find("nope")->has_value());
}

TEST(Log, AJournaledEventOfAnErasedPatientIsAcknowledgedWhenTheLogHasIt) {
    Fixture f;
    const auto journaled = submission("j", "5", f.clock.now_us());
    EXPECT_EQ(f.append({journaled})->first_seq, 0u);
    ASSERT_TRUE(f.keys->erase_patient("5", true, {}).has_value());
    f.open();
    EXPECT_EQ(f.append({journaled})->first_seq, 0u);
    EXPECT_EQ(f.append({submission("k", "5", f.clock.now_us())}).error().kind, Kind::gone);
    EXPECT_EQ(f.log->size(), 1u);
}

TEST(Log, SubmissionsComeBackFromTheJournal) {
    auto one = submission("x", "9", 77);
    one.keys.outcome = 8;
    one.keys.action = 'U';
    const auto bytes = one.encode();
    const auto back = chain::Submission::decode(bytes);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->encode(), bytes);
    EXPECT_EQ(back->content, one.content);
    EXPECT_EQ(back->keys.entities, one.keys.entities);
    for (std::size_t n = 0; n < bytes.size(); n += 7)
        EXPECT_EQ(chain::Submission::decode(base::ByteView(bytes).first(n)).error().kind, Kind::corrupt);
}

TEST(Log, RefusalsAreNamed) {
    Fixture f;
    EXPECT_EQ(f.append({}).error().kind, Kind::invalid);
    EXPECT_EQ(f.append({submission("")}).error().kind, Kind::invalid);
    auto empty = submission("x");
    empty.content.clear();
    EXPECT_EQ(f.append({empty}).error().kind, Kind::invalid);
    auto large = submission("x");
    large.content.assign((16u << 20) + 1, ' ');
    EXPECT_EQ(f.append({large}).error().kind, Kind::too_large);
    f.fill(0, 1, "3");
    ASSERT_TRUE(f.keys->erase_patient("3", true, {}).has_value());
    EXPECT_EQ(f.append({submission("y", "1"), submission("z", "3")}).error().kind, Kind::gone);
    EXPECT_EQ(f.log->size(), 1u) << "a group is taken whole or not at all";
    const auto second = chain::AuditLog::open(f.options, *f.keys, f.clock);
    EXPECT_EQ(second.error().kind, Kind::conflict) << "one process at a time";
    auto bad = f.options;
    bad.dir += "2";
    bad.origin = "with space";
    EXPECT_EQ(chain::AuditLog::open(bad, *f.keys, f.clock).error().kind, Kind::invalid);
    bad.checkpoint_ms = 0;
    EXPECT_EQ(chain::AuditLog::open(bad, *f.keys, f.clock).error().kind, Kind::invalid);
    EXPECT_EQ(f.log->root_at(2).error().kind, Kind::invalid);
    EXPECT_EQ(f.log->inclusion(0, 2).error().kind, Kind::invalid);
    EXPECT_EQ(f.log->consistency(1, 2).error().kind, Kind::invalid);
    ASSERT_TRUE(f.log->drain().has_value());
    EXPECT_EQ(f.append({submission("late")}).error().kind, Kind::unavailable);
    EXPECT_TRUE(f.log->drain().has_value());
}

TEST(Log, EveryEntryIsProvenAgainstASignedCheckpoint) {
    Fixture f;
    f.fill(0, 20);
    const auto head = f.log->checkpoint_now();
    ASSERT_TRUE(head.has_value()) << head.error().diagnostics;
    EXPECT_EQ(head->size, 20u);
    EXPECT_EQ(f.log->checkpoint_now()->note, head->note) << "the same head is not signed twice";
    f.fill(20, 33);
    EXPECT_FALSE(f.log->checkpoint_covering(20)->has_value());
    const auto later = f.log->checkpoint_now();
    const auto key = proof::VerifierKey::parse(f.log->verifier_key());
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(key->name, "test.kedge/audit");
    proof::Verifier verifier(*key, {});
    for (std::uint64_t i = 0; i < 33; ++i) {
        EXPECT_EQ((*f.log->checkpoint_covering(i))->size, i < 20 ? 20u : 33u);
        const auto proof = chain::proof_of(*f.log, i, false, std::nullopt);
        ASSERT_TRUE(proof.has_value()) << proof.error().diagnostics;
        const auto content = f.log->event(i)->content;
        const auto verdict = verifier.verify(base::as_bytes(content), proof->text());
        EXPECT_TRUE(verdict.proven) << verdict.sentence;
        EXPECT_FALSE(verifier.verify(base::as_bytes(content + " "), proof->text()).proven);
    }
    EXPECT_TRUE(proof::verify_consistency(20, head->root, 33, later->root, *f.log->consistency(20, 33)));
    EXPECT_EQ(*f.log->root_at(33), later->root);
}

TEST(Log, AProofWithAnAnchorReachesTheLedger) {
    Fixture f;
    f.fill(0, 10);
    ASSERT_TRUE(f.log->checkpoint_now().has_value());
    f.fill(10, 25);
    proof::AnchorRecord anchor;
    anchor.size = 25;
    anchor.root = *f.log->root_at(25);
    anchor.final = true;
    const auto proof = chain::proof_of(*f.log, 3, true, anchor);
    ASSERT_TRUE(proof.has_value());
    proof::Verifier auditor(*proof::VerifierKey::parse(f.log->verifier_key()), {anchor});
    const auto verdict = auditor.verify(std::nullopt, *proof);
    EXPECT_EQ(verdict.tier, proof::Tier::final) << verdict.sentence;
    anchor.size = 5;
    EXPECT_EQ(chain::proof_of(*f.log, 3, true, anchor).error().kind, Kind::invalid);
}

TEST(Log, ErasureKeepsEveryProof) {
    Fixture f;
    f.fill(0, 6, "1");
    f.fill(6, 12, "2");
    ASSERT_TRUE(f.keys->erase_patient("1", true, {}).has_value());
    const auto erased = f.log->event(3);
    ASSERT_TRUE(erased.has_value()) << erased.error().diagnostics;
    EXPECT_TRUE(erased->erased);
    EXPECT_TRUE(erased->content.empty());
    EXPECT_EQ(f.log->event(7)->content, audit_event("e7", "2"));
    proof::Verifier verifier(*proof::VerifierKey::parse(f.log->verifier_key()), {});
    const auto proof = chain::proof_of(*f.log, 3, true, std::nullopt);
    const auto verdict = verifier.verify(std::nullopt, *proof);
    EXPECT_TRUE(verdict.proven) << verdict.sentence;
    EXPECT_TRUE(verdict.erased);
    std::size_t seen = 0;
    const auto report = chain::verify_range(*f.log, 2, 9, [&](const chain::RangeFinding& finding) {
        ++seen;
        EXPECT_TRUE(finding.good) << finding.sentence;
        EXPECT_EQ(finding.erased, finding.seq < 6);
    });
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(seen, 7u);
    EXPECT_EQ(report->good, 7u);
    EXPECT_EQ(report->erased, 4u);
    EXPECT_EQ(chain::verify_range(*f.log, 9, 9, [](const auto&) {}).error().kind, Kind::invalid);
    EXPECT_EQ(chain::verify_range(*f.log, 9, 13, [](const auto&) {}).error().kind, Kind::invalid);
    EXPECT_TRUE(f.fsck().empty());
}

TEST(Log, NothingReadableRests) {
    Fixture f;
    f.fill(0, 50, "patient-zero");
    ASSERT_TRUE(f.log->search({}).has_value());
    f.log.reset();
    for (const std::string needle : {"AuditEvent", "patient-zero", "Practitioner", "ward-app", "o-4711"}) {
        const auto scan = support::scan_for(f.options.dir, needle);
        EXPECT_GE(scan.files, 5u);
        EXPECT_GE(scan.bytes, 20'000u);
        EXPECT_TRUE(scan.hits.empty()) << needle;
    }
}

TEST(Log, SegmentsAreSealedAndStayWhole) {
    Fixture f;
    f.options.segment_bytes = 8192;
    f.open();
    f.fill(0, 60);
    ASSERT_TRUE(f.log->checkpoint_now().has_value());
    ASSERT_TRUE(f.log->fsck([](const std::string& s) { ADD_FAILURE() << s; }).has_value());
    std::size_t sealed = 0;
    for (const auto& file : support::files_below(f.options.dir, ".log")) {
        if ((std::filesystem::status(file).permissions() & std::filesystem::perms::owner_write) == std::filesystem::perms::none) ++sealed;
    }
    EXPECT_GE(sealed, 3u);
    // Read in another way than the log reads it: whole blocks past the page cache, and what is left behind them.
    std::istringstream manifest(support::read_file(f.file("manifest")));
    std::size_t listed = 0;
    for (std::string number, first, bytes, hash, mac; manifest >> number >> first >> bytes >> hash >> mac; ++listed) {
        const auto segment = support::read_file(f.file("segment-" + std::string(8 - number.size(), '0') + number + ".log"));
        EXPECT_EQ(std::to_string(segment.size()), bytes);
        EXPECT_EQ(base::to_hex(crypto::sha256(base::as_bytes(segment))), hash);
    }
    EXPECT_EQ(listed, sealed);
    f.open();
    EXPECT_EQ(f.log->size(), 60u);
    EXPECT_EQ(f.log->event(1)->content, audit_event("e1"));
    f.fill(60, 70);
    EXPECT_TRUE(f.fsck().empty());
    f.open();
    std::filesystem::remove(f.file("tree"));
    std::filesystem::remove(f.file("places"));
    f.open();
    EXPECT_EQ(f.log->event(33)->content, audit_event("e33")) << "the derived files are built again";
    EXPECT_TRUE(f.fsck().empty());
}

TEST(Log, CheckpointsComeByTimeAndByCount) {
    Fixture f(false);
    f.options.checkpoint_ms = 20;
    f.open();
    f.fill(0, 1);
    for (int i = 0; i < 500 && !f.log->checkpoint_covering(0)->has_value(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(f.log->checkpoint_covering(0)->has_value());
    f.options.checkpoint_ms = 60'000;
    f.options.checkpoint_entries = 10;
    f.open();
    f.fill(1, 12);
    for (int i = 0; i < 500 && !f.log->checkpoint_covering(10)->has_value(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(f.log->checkpoint_covering(10)->has_value());
}

TEST(Log, WriteSetsAreWalkedInOrder) {
    Fixture f;
    std::vector<proof::Written> all;
    EXPECT_FALSE(f.log->newest_write()->has_value());
    for (int i = 0; i < 5; ++i) {
        f.fill(static_cast<std::uint64_t>(i) * 2, static_cast<std::uint64_t>(i) * 2 + 1);
        proof::Written w;
        w.seq = static_cast<std::uint64_t>(i);
        w.ciphertext_hash.fill(static_cast<std::uint8_t>(i));
        all.push_back(w);
        chain::Submission s;
        s.kind = proof::EntryKind::write_set;
        s.content = base::as_text(proof::encode_write_set(std::vector{w}));
        s.keys.id = "w" + std::to_string(i);
        ASSERT_TRUE(f.append({s}).has_value());
        EXPECT_EQ(**f.log->newest_write(), w.seq);
    }
    std::size_t at = 0;
    ASSERT_TRUE(f.log
                    ->walk_writes([&](const proof::Written& w) -> base::Status {
                        EXPECT_EQ(w.seq, all[at].seq);
                        EXPECT_EQ(w.ciphertext_hash, all[at++].ciphertext_hash);
                        return {};
                    })
                    .has_value());
    EXPECT_EQ(at, 5u);
    chain::EventQuery query;
    query.count_total = true;
    EXPECT_EQ(*f.log->search(query)->total, 5u) << "write sets are no AuditEvents";
    EXPECT_TRUE(*f.log->contains("w3"));
}

TEST(Log, ABackupIsALogOfItsOwn) {
    Fixture f;
    f.options.segment_bytes = 8192;
    f.open();
    f.fill(0, 40);
    const auto copy = f.dir.string() + "/copy";
    ASSERT_TRUE(f.log->backup_to(copy).has_value());
    EXPECT_EQ(f.log->backup_to(copy).error().kind, Kind::conflict) << "nothing is overwritten";
    f.fill(40, 50);
    f.log.reset();
    f.options.dir = copy;
    EXPECT_EQ(f.fsck(), std::vector<std::string>{});
    f.open();
    EXPECT_EQ(f.log->size(), 40u);
    EXPECT_EQ(f.log->event(39)->content, audit_event("e39"));
    EXPECT_EQ(**f.log->find("e5"), 5u);
}

TEST(Log, ConcurrentCallersEachGetTheirPlace) {
    Fixture f;
    f.options.checkpoint_ms = 5;
    f.open();
    constexpr int kThreads = 8, kEach = 60;
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i) {
                const auto id = std::to_string(t) + "-" + std::to_string(i);
                const auto done = f.append({submission(id, std::to_string(t), f.clock.now_us())});
                if (done && f.log->event(done->first_seq)->keys.id == id) ++good;
                if (i % 20 == 0) {
                    chain::EventQuery query;
                    query.patients = {std::to_string(t)};
                    query.limit = 1000;
                    EXPECT_EQ(f.log->search(query)->seqs.size(), static_cast<std::size_t>(i) + 1) << "a search sees what was acknowledged";
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(good, kThreads * kEach);
    EXPECT_EQ(f.log->size(), static_cast<std::uint64_t>(kThreads * kEach));
    EXPECT_TRUE(f.fsck().empty());
}

}  // namespace
