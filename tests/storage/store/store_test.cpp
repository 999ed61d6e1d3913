#include "storage/store/store.hpp"

#include "storage/store/database.hpp"
#include "tests/storage/store/store_fixture.hpp"

#include <atomic>
#include <set>
#include <thread>

namespace {

using namespace store_test;
using base::Kind;
using store::Unit;

TEST(Store, GivesBackWhatWasWritten) {
    const TempDir dir;
    Opened db(dir.path());
    auto first = record("Observation", "6f1c1c52-0d4c-4b8e-9f0e-0d7a3d1c2b3a", 1, "p1");
    first.body = "{\"value\":1.10,\"text\":\"gr\xC3\xBC\xC3\x9F\"}";
    ASSERT_OK(db.put(first));
    const auto found = db.read("Observation", first.id);
    ASSERT_OK(found);
    ASSERT_TRUE(found->has_value());
    const auto& got = **found;
    EXPECT_EQ(got.body, first.body);
    EXPECT_EQ(got.facts, first.facts);
    EXPECT_EQ(got.type, "Observation");
    EXPECT_EQ(got.id, first.id);
    EXPECT_EQ(got.patient, "p1");
    EXPECT_EQ(got.version.seq, 1u);
    EXPECT_EQ(got.version.version, 1u);
    EXPECT_EQ(got.version.updated_us, first.updated_us);
    EXPECT_FALSE(got.version.deleted);
    EXPECT_NE(got.version.ciphertext_hash, base::Digest{});
    EXPECT_FALSE(db.read("Observation", "none")->has_value());
    EXPECT_FALSE(db.read("Patient", first.id)->has_value());
}

TEST(Store, VersionsFollowOneAnother) {
    const TempDir dir;
    Opened db(dir.path());
    ASSERT_OK(db.put(record("Patient", "a", 1, "a")));
    ASSERT_OK(db.put(record("Patient", "b", 1, "b")));
    ASSERT_OK(db.put(record("Patient", "a", 2, "a")));
    auto mark = record("Patient", "a", 3, "a");
    mark.deleted = true;
    mark.body.clear();
    ASSERT_OK(db.put(mark));
    EXPECT_EQ(db->last_seq().value(), 4u);

    auto duty = AuditDuty::exempt("test");
    auto snapshot = db->snapshot(duty).value();
    const auto now = snapshot->current("Patient", "a");
    ASSERT_OK(now);
    EXPECT_TRUE((*now)->version.deleted);
    EXPECT_EQ((*now)->version.version, 3u);
    EXPECT_EQ((*now)->body, "");
    EXPECT_EQ((*now)->facts, "facts of a");
    EXPECT_EQ((*now)->version.ciphertext_hash, base::Digest{});
    EXPECT_EQ(snapshot->version("Patient", "a", 1).value()->body, record("Patient", "a", 1).body);
    EXPECT_EQ(snapshot->version("Patient", "a", 2).value()->version.seq, 3u);
    EXPECT_FALSE(snapshot->version("Patient", "a", 4)->has_value());
    EXPECT_FALSE(snapshot->version("Patient", "a", 0)->has_value());
    EXPECT_EQ(snapshot->at(2)->id, "b");
    EXPECT_KIND(snapshot->at(5), Kind::not_found);
    EXPECT_KIND(snapshot->at(0), Kind::not_found);
    ASSERT_OK(db.put(record("Patient", "a", 4, "a")));  // undelete
    EXPECT_FALSE(db.read("Patient", "a").value()->version.deleted);
}

TEST(Store, EachVersionSaysWhoGaveTheId) {
    const TempDir dir;
    Opened db(dir.path());
    auto given = record("Patient", "a", 1, "a");
    given.id_given = true;
    ASSERT_OK(db.put(given));
    ASSERT_OK(db.put(record("Patient", "a", 2, "a")));
    auto duty = AuditDuty::exempt("test");
    auto snapshot = db->snapshot(duty).value();
    EXPECT_TRUE(snapshot->version("Patient", "a", 1).value()->version.id_given);
    EXPECT_FALSE(snapshot->version("Patient", "a", 1).value()->version.deleted);
    EXPECT_FALSE(snapshot->version("Patient", "a", 2).value()->version.id_given);
}

TEST(Store, AVersionSaysThatItFollowsADeleteMark) {
    const TempDir dir;
    Opened db(dir.path());
    ASSERT_OK(db.put(record("Patient", "a", 1, "a")));
    auto mark = record("Patient", "a", 2, "a");
    mark.deleted = true;
    mark.body.clear();
    ASSERT_OK(db.put(mark));
    auto again = record("Patient", "a", 3, "a");
    again.revived = true;
    ASSERT_OK(db.put(again));
    ASSERT_OK(db.put(record("Patient", "a", 4, "a")));
    auto duty = AuditDuty::exempt("test");
    auto snapshot = db->snapshot(duty).value();
    for (std::uint32_t version = 1; version <= 4; ++version) EXPECT_EQ(snapshot->version("Patient", "a", version).value()->version.revived, version == 3);
}

TEST(Store, VersionMustBeHeadPlusOne) {
    const TempDir dir;
    Opened db(dir.path());
    EXPECT_KIND(db.put(record("Patient", "a", 2)), Kind::conflict);
    EXPECT_KIND(db.put(record("Patient", "a", 0)), Kind::conflict);
    ASSERT_OK(db.put(record("Patient", "a", 1)));
    EXPECT_KIND(db.put(record("Patient", "a", 1)), Kind::conflict);
    EXPECT_KIND(db.put(record("Patient", "a", 3)), Kind::conflict);
    ASSERT_OK(db.put(record("Patient", "a", 2)));
    EXPECT_EQ(db->last_seq().value(), 2u);
}

TEST(Store, NamesThatCannotBeStoredAreInvalid) {
    const TempDir dir;
    Opened db(dir.path());
    EXPECT_KIND(db.put(record("", "a", 1)), Kind::invalid);
    EXPECT_KIND(db.put(record("Patient", "", 1)), Kind::invalid);
    EXPECT_KIND(db.put(record("Patient", "a|b", 1)), Kind::invalid);
    EXPECT_KIND(db.put(record("Patient", std::string(255, 'a'), 1)), Kind::invalid);
    auto owners = record("Patient", "a", 1);
    owners.patients = {""};
    EXPECT_KIND(db.put(owners), Kind::invalid);
    ASSERT_OK(db.put(record("Patient", std::string(254, 'a'), 1)));
    auto big = record("Binary", "big", 1);
    big.body.assign((64u << 20) + 1, 'x');
    EXPECT_KIND(db.put(big), Kind::too_large);
    EXPECT_TRUE(db.fsck().empty());
}

TEST(Store, LargeBodiesWork) {
    const TempDir dir;
    Opened db(dir.path());
    auto big = record("Binary", "big", 1);
    for (int i = 0; i < 200'000; ++i) big.body += std::to_string(i * 2654435761u);
    ASSERT_OK(db.put(big));
    EXPECT_EQ(db.read("Binary", "big").value()->body, big.body);
}

TEST(Store, DutyNotesWhatWasHandedOut) {
    const TempDir dir;
    Opened db(dir.path());
    ASSERT_OK(db.put(record("Patient", "a", 1, "a", {token("active", "", "true")})));
    ASSERT_OK(db.put(record("Patient", "b", 1, "b", {token("active", "", "true")})));
    const auto touched = [&](auto use) {
        AuditDuty duty;
        use(duty);
        std::string out;
        for (const auto& each : duty.touched())
            out += each.type + "/" + each.id + "/" + std::to_string(each.version) + "/" + each.patient + " ";
        duty.discharge();
        return out;
    };
    EXPECT_EQ(touched([&](auto& duty) { EXPECT_OK(db->read(duty, "Patient", "a")); }), "Patient/a/1/a ");
    EXPECT_EQ(touched([&](auto& duty) { EXPECT_OK(db->read(duty, "Patient", "a")); }), "Patient/a/1/a ");  // from the cache
    EXPECT_EQ(touched([&](auto& duty) { EXPECT_OK(db->read(duty, "Patient", "none")); }), "");
    EXPECT_EQ(touched([&](auto& duty) {
                  auto snapshot = db->snapshot(duty).value();
                  EXPECT_OK(snapshot->search(of_type("Patient"), [](const auto& candidate) { return candidate.id == "b"; }));
              }),
              "Patient/b/1/b ");
    EXPECT_EQ(touched([&](auto& duty) { EXPECT_OK(db->snapshot(duty).value()->at(2)); }), "Patient/b/1/b ");
    EXPECT_EQ(touched([&](auto& duty) { EXPECT_OK(db->snapshot(duty).value()->current("Patient", "b")); }), "Patient/b/1/b ");
    EXPECT_EQ(touched([&](auto& duty) { EXPECT_OK(db->snapshot(duty).value()->version("Patient", "b", 1)); }), "Patient/b/1/b ");
    EXPECT_EQ(touched([&](auto& duty) {
                  std::promise<void> promise;
                  db->submit(
                      duty, [](Unit& unit) { return unit.current("Patient", "a") ? base::Status() : base::fail(Kind::fault, ""); },
                      [&](base::Status) { promise.set_value(); });
                  promise.get_future().get();
              }),
              "Patient/a/1/a ");
}

TEST(Store, ASnapshotSeesOneState) {
    const TempDir dir;
    Opened db(dir.path());
    ASSERT_OK(db.put(record("Patient", "a", 1)));
    auto duty = AuditDuty::exempt("test");
    auto before = db->snapshot(duty).value();
    ASSERT_OK(db.read("Patient", "a"));  // into the cache
    ASSERT_OK(db.put(record("Patient", "a", 2)));
    ASSERT_OK(db.put(record("Patient", "b", 1)));
    ASSERT_OK(db.read("Patient", "a"));
    EXPECT_EQ(before->last_seq(), 1u);
    EXPECT_EQ(before->current("Patient", "a").value()->version.version, 1u);
    EXPECT_FALSE(before->current("Patient", "b")->has_value());
    EXPECT_FALSE(before->version("Patient", "a", 2)->has_value());
    EXPECT_KIND(before->at(2), Kind::not_found);
    const auto hits = before->search(of_type("Patient"), kAll);
    ASSERT_OK(hits);
    ASSERT_EQ(hits->rows.size(), 1u);
    EXPECT_EQ(hits->rows[0].version, 1u);
    EXPECT_EQ(before->fetch(hits->rows[0])->body, record("Patient", "a", 1).body);
}

TEST(Store, AUnitSeesItsOwnWrites) {
    const TempDir dir;
    Opened db(dir.path());
    ASSERT_OK(db.work([](Unit& unit) -> base::Status {
        EXPECT_FALSE(unit.current("Patient", "a")->has_value());
        EXPECT_OK(unit.put(record("Patient", "a", 1, "a", {token("identifier", "urn:mrn", "77", true)})));
        EXPECT_EQ(unit.last_seq(), 1u);
        EXPECT_EQ(unit.current("Patient", "a").value()->version.version, 1u);
        EXPECT_EQ(unit.at(1)->id, "a");
        auto hits = unit.search(of_type("Patient", {criterion(EntryKind::token, "identifier", Op::equals, "urn:mrn", "77", true)}), kAll);
        EXPECT_EQ(hits->rows.size(), 1u);
        EXPECT_OK(unit.put(record("Patient", "a", 2, "a")));
        hits = unit.search(of_type("Patient", {criterion(EntryKind::token, "identifier", Op::equals, "urn:mrn", "77", true)}), kAll);
        EXPECT_EQ(hits->rows.size(), 0u);
        EXPECT_OK(unit.database().execute("CREATE TABLE outbox_rows(a); INSERT INTO outbox_rows VALUES(1)"));
        return {};
    }));
    EXPECT_EQ(db.read("Patient", "a").value()->version.version, 2u);
}

TEST(Store, AFailedUnitUndoesItselfAlone) {
    const TempDir dir;
    store::StoreOptions options;
    options.group_units = 64;
    Opened db(dir.path(), options);
    auto duty = AuditDuty::exempt("test");
    std::promise<void> gate;
    auto opened = gate.get_future().share();
    // Holds the writer, so that all of the others wait and end up in one group.
    db->submit(
        duty,
        [opened](Unit&) {
            opened.wait();
            return base::Status();
        },
        [](base::Status) {});
    std::vector<base::Status> results(30);
    std::atomic<int> left = 30;
    std::promise<void> all;
    for (int i = 0; i < 30; ++i) {
        db->submit(
            duty,
            [i](Unit& unit) -> base::Status {
                // Each uses a type and a system that the index has never seen: the names of failed units must be forgotten too.
                auto put = unit.put(
                    record("Type" + std::to_string(i), "a", 1, "p" + std::to_string(i), {token("code", "urn:s" + std::to_string(i), "x")}));
                if (!put) return base::pass(put);
                EXPECT_OK(unit.journal("event" + std::to_string(i), base::as_bytes("submission")));
                if (i % 3 == 0) return base::fail(Kind::precondition_failed, "by design");
                return {};
            },
            [&, i](base::Status done) {
                results[static_cast<std::size_t>(i)] = std::move(done);
                if (--left == 0) all.set_value();
            });
    }
    gate.set_value();
    all.get_future().get();
    EXPECT_EQ(db->last_seq().value(), 20u);
    EXPECT_EQ(db->journal_pending()->size(), 20u);
    std::set<std::uint64_t> seqs;
    for (int i = 0; i < 30; ++i) {
        const auto type = "Type" + std::to_string(i);
        const auto query = of_type(type, {criterion(EntryKind::token, "code", Op::equals, "urn:s" + std::to_string(i), "x")});
        if (i % 3 == 0) {
            EXPECT_KIND(results[static_cast<std::size_t>(i)], Kind::precondition_failed);
            EXPECT_FALSE(db.read(type, "a")->has_value());
            EXPECT_EQ(db.ids(query), "");
            ASSERT_OK(db.put(record(type, "a", 1)));
        } else {
            ASSERT_OK(results[static_cast<std::size_t>(i)]);
            EXPECT_EQ(db.ids(query), "a");
            seqs.insert(db.read(type, "a").value()->version.seq);
        }
    }
    EXPECT_EQ(seqs.size(), 20u);
    EXPECT_EQ(*seqs.rbegin(), 20u);  // no gaps
    EXPECT_EQ(db.fsck(), std::vector<std::string>());
}

TEST(Store, SixteenThreadsRacingAConditionalCreateMakeOne) {
    const TempDir dir;
    Opened db(dir.path());
    for (int round = 0; round < 5; ++round) {
        const auto value = "mrn" + std::to_string(round);
        std::atomic<int> created = 0, matched = 0;
        std::vector<std::thread> threads;
        for (int t = 0; t < 16; ++t) {
            threads.emplace_back([&, t] {
                ASSERT_OK(db.work([&, t](Unit& unit) -> base::Status {
                    const auto hits = unit.search(
                        of_type("Patient", {criterion(EntryKind::token, "identifier", Op::equals, "urn:mrn", value, true)}), kAll);
                    if (!hits) return base::pass(hits);
                    if (!hits->rows.empty()) {
                        ++matched;
                        return {};
                    }
                    const auto id = "p" + std::to_string(round) + "-" + std::to_string(t);
                    const auto put = unit.put(record("Patient", id, 1, id, {token("identifier", "urn:mrn", value, true)}));
                    if (!put) return base::pass(put);
                    ++created;
                    return {};
                }));
            });
        }
        for (auto& thread : threads) thread.join();
        EXPECT_EQ(created, 1);
        EXPECT_EQ(matched, 15);
    }
    EXPECT_EQ(db->last_seq().value(), 5u);
}

TEST(Store, ReadsAreNeverOlderThanAnAcknowledgedWrite) {
    const TempDir dir;
    Opened db(dir.path());
    ASSERT_OK(db.put(record("Patient", "hot", 1)));
    std::atomic<std::uint32_t> acknowledged = 1;
    std::atomic<bool> stop = false;
    std::vector<std::thread> readers;
    for (int t = 0; t < 4; ++t) {
        readers.emplace_back([&] {
            while (!stop) {
                const auto floor = acknowledged.load();
                const auto got = db.read("Patient", "hot");
                ASSERT_OK(got);
                ASSERT_GE((*got)->version.version, floor);
            }
        });
    }
    for (std::uint32_t version = 2; version < 150; ++version) {
        ASSERT_OK(db.put(record("Patient", "hot", version)));
        acknowledged = version;
        ASSERT_EQ(db.read("Patient", "hot").value()->version.version, version);
    }
    stop = true;
    for (auto& reader : readers) reader.join();
}

TEST(Store, JournalKeepsOrderAndForgetsWhatIsConfirmed) {
    const TempDir dir;
    {
        Opened db(dir.path());
        for (int i = 0; i < 5; ++i) {
            ASSERT_OK(db.work(
                [i](Unit& unit) { return unit.journal("e" + std::to_string(9 - i), base::as_bytes("submission-" + std::to_string(i))); }));
        }
        EXPECT_KIND(db.work([](Unit& unit) { return unit.journal("e9", {}); }), Kind::conflict);
        const auto pending = db->journal_pending();
        ASSERT_OK(pending);
        ASSERT_EQ(pending->size(), 5u);
        EXPECT_EQ((*pending)[0].event_id, "e9");
        EXPECT_EQ(base::as_text((*pending)[4].submission), "submission-4");
        db->journal_done({"e9", "e7", "never-was"});
        EXPECT_EQ(db->journal_pending()->size(), 3u);
    }
    Opened db(dir.path());
    const auto pending = db->journal_pending();
    ASSERT_EQ(pending->size(), 3u);
    EXPECT_EQ((*pending)[0].event_id, "e8");
    EXPECT_EQ((*pending)[2].event_id, "e5");
}

TEST(Store, AFullQueueAndADrainedStoreSayUnavailable) {
    const TempDir dir;
    store::StoreOptions options;
    options.queue_limit = 4;
    Opened db(dir.path(), options);
    auto duty = AuditDuty::exempt("test");
    std::promise<void> started, gate;
    auto opened = gate.get_future().share();
    db->submit(
        duty,
        [&, opened](Unit&) {
            started.set_value();
            opened.wait();
            return base::Status();
        },
        [](base::Status) {});
    started.get_future().get();
    std::atomic<int> taken = 0, refused = 0;
    for (int i = 0; i < 10; ++i) {
        db->submit(
            duty, [](Unit&) { return base::Status(); },
            [&](base::Status done) {
                if (done) {
                    ++taken;
                } else {
                    EXPECT_EQ(done.error().kind, Kind::unavailable);
                    EXPECT_NE(done.error().diagnostics.find("4"), std::string::npos);  // names the limit
                    ++refused;
                }
            });
    }
    EXPECT_EQ(refused, 6);
    gate.set_value();
    ASSERT_OK(db->drain());
    EXPECT_EQ(taken, 4);
    EXPECT_KIND(db.put(record("Patient", "a", 1)), Kind::unavailable);
    EXPECT_OK(db.read("Patient", "a"));
    EXPECT_OK(db->drain());
}

TEST(Store, OneProcessHoldsTheDirectory) {
    const TempDir dir;
    auto db = std::make_unique<Opened>(dir.path());
    auto keys = store::KeyRing::open(dir.path(), db->clock);
    ASSERT_OK(keys);  // the token command may open the ring beside the server
    store::StoreOptions options;
    options.dir = dir.path();
    EXPECT_KIND(Store::open(options, **keys, db->clock), Kind::conflict);
    const auto root = store_test::slurp(dir.file("root.key"));
    const auto rotated = store::KeyRing::rotate(dir.path(), db->clock);  // it would take keys.db away under the other one
    ASSERT_FALSE(rotated);
    EXPECT_EQ(rotated.error().kind, Kind::conflict);
    EXPECT_NE(rotated.error().diagnostics.find(dir.path()), std::string::npos);
    EXPECT_EQ(store_test::slurp(dir.file("root.key")), root);
    db.reset();
    EXPECT_OK(Store::open(options, **keys, FixedClock()));
    ASSERT_OK(store::KeyRing::rotate(dir.path(), FixedClock()));  // a server that was starting has opened the keys, and not the store
    EXPECT_KIND(Store::open(options, **keys, FixedClock()), Kind::conflict);
    keys->reset();
    EXPECT_NE(store_test::slurp(dir.file("root.key")), root);
    EXPECT_OK(Opened(dir.path())->drain());
    EXPECT_KIND(store::KeyRing::rotate(dir.file("nowhere"), FixedClock()), Kind::not_found);
}

TEST(Store, OtherKeysAreCorrupt) {
    const TempDir dir, other;
    { Opened db(dir.path()); }
    Opened elsewhere(other.path());
    store::StoreOptions options;
    options.dir = dir.path();
    EXPECT_KIND(Store::open(options, *elsewhere.keys, elsewhere.clock), Kind::corrupt);
}

TEST(Store, WalkTellsEveryVersionInOrder) {
    const TempDir dir;
    Opened db(dir.path());
    ASSERT_OK(db.put(record("Patient", "a", 1, "a")));
    ASSERT_OK(db.put(record("Patient", "a", 2, "a")));
    auto mark = record("Patient", "a", 3, "a");
    mark.deleted = true;
    mark.body.clear();
    ASSERT_OK(db.put(mark));
    std::vector<store::Version> seen;
    ASSERT_OK(db->walk([&](std::uint64_t seq, const store::RecordId& rid, const store::Version& version) -> base::Status {
        EXPECT_EQ(seq, seen.size() + 1);
        EXPECT_EQ(rid, db->record_id("Patient", "a"));
        seen.push_back(version);
        return {};
    }));
    ASSERT_EQ(seen.size(), 3u);
    auto duty = AuditDuty::exempt("test");
    EXPECT_EQ(seen[1].ciphertext_hash, db->snapshot(duty).value()->at(2)->version.ciphertext_hash);
    EXPECT_TRUE(seen[2].deleted);
    EXPECT_EQ(seen[2].ciphertext_hash, base::Digest{});
    EXPECT_KIND(db->walk([](auto, const auto&, const auto&) -> base::Status { return base::fail(Kind::precondition_failed, "stop"); }),
                Kind::precondition_failed);
}

}  // namespace
