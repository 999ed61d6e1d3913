// What rests on the disk: plaintext, erasure, crashes, and the index that follows.
#include "tests/storage/store/rest_fixture.hpp"

namespace {

using namespace rest_on_disk;

TEST(Rest, NothingReadableStandsInTheDirectory) {
    const TempDir dir;
    Opened db(dir.path());
    auto made = record("Patient", "id-kieselbach-42", 1, "id-kieselbach-42",
                       {token("identifier", "urn:oid:mrn", "MRN-998877", true),
                        text("family", "kieselbach", true),
                        token("gender", "urn:sex", "female"),
                        {EntryKind::string, "note", {}, "secret-note-text", false, 0, 0}});
    made.body = R"({"resourceType":"Patient","name":[{"family":"Kieselbach"}],"note":"secret-note-text","mrn":"MRN-998877"})";
    made.facts = "facts-kieselbach";
    ASSERT_OK(db.put(made));
    ASSERT_OK(db.work([](store::Unit& unit) { return unit.journal("event-1", base::as_bytes("AuditEvent about Kieselbach")); }));
    const auto scan = [&] {
        const auto files = slurp_all(dir.path());
        EXPECT_GE(files.size(), 5u);
        for (const auto& [name, content] : files) {
            for (const char* word : {"ieselbach", "MRN-998877", "secret-note", "female", "Patient", "urn:oid", "resourceType",
                                     "CREATE TABLE", "SQLite format", "facts"}) {
                EXPECT_EQ(content.find(word), std::string::npos) << word << " in " << name;
            }
        }
    };
    scan();  // with WALs
    ASSERT_OK(db->drain());
    scan();
}

// Names, numbers and addresses of people are not even in the opened pages of the index.
TEST(Rest, DirectIdentifiersAreNotInTheOpenedIndex) {
    const TempDir dir;
    Opened db(dir.path());
    ASSERT_OK(
        db.put(record("Patient", "p", 1, "p",
                      {token("identifier", "urn:mrn", "MRN-998877", true), text("family", "kieselbach", true), text("nick", "visible")})));
    ASSERT_OK(db->drain());
    auto index = index_of(db, dir.path());
    auto read = index.prepare("SELECT data FROM sqlite_dbpage");
    std::string pages;
    while (read->step().value()) pages += base::as_text(read->view(0));
    EXPECT_EQ(pages.find("MRN-998877"), std::string::npos);
    EXPECT_EQ(pages.find("kieselb"), std::string::npos);
    EXPECT_NE(pages.find("visible"), std::string::npos);  // the scan does see text
}

TEST(Rest, ErasureIsReal) {
    const TempDir dir;
    auto db = std::make_unique<Opened>(dir.path());
    for (const std::string patient : {"gone", "stays"}) {
        ASSERT_OK(db->put(record("Patient", patient, 1, patient, {text("family", patient)})));
        for (int i = 0; i < 20; ++i) ASSERT_OK(db->put(observation(patient + std::to_string(i), 1, patient)));
    }
    auto shared = observation("shared", 1, "stays");
    shared.patients = {"stays", "gone"};
    shared.index.push_back(token("code", "", "needle-of-the-other"));
    ASSERT_OK(db->put(shared));
    ASSERT_OK(db->put([] {
        auto made = observation("needle", 1, "gone");
        made.index.push_back(token("code", "", "needle-code"));
        made.facts = "needle-facts";
        return made;
    }()));
    ASSERT_OK(db->read("Patient", "gone"));  // into the cache
    auto duty = AuditDuty::exempt("test");
    auto before = (*db)->snapshot(duty).value();

    ASSERT_OK(db->keys->erase_patient("gone", true, {}));
    EXPECT_KIND(db->read("Patient", "gone"), Kind::gone);
    EXPECT_KIND(before->current("Patient", "gone"), Kind::gone);
    EXPECT_KIND(before->version("Observation", "gone3", 1), Kind::gone);
    EXPECT_KIND(before->at(1), Kind::gone);
    EXPECT_KIND(db->put(observation("gone99", 1, "gone")), Kind::gone);
    EXPECT_OK(db->read("Patient", "stays"));
    ASSERT_OK((*db)->drain());  // the index follows on the writer's thread
    EXPECT_EQ(db->ids(of_type("Patient")), "stays");
    auto query = of_type("Observation", {final_status()});
    query.count_total = true;
    EXPECT_EQ(db->search(query)->total, 21u);
    EXPECT_EQ(db->ids(of_type("Observation", {criterion(kToken, "code", Op::no_system, "", "needle-code")})), "");
    EXPECT_EQ(db->ids(of_type("Observation", {criterion(kToken, "code", Op::no_system, "", "needle-of-the-other")})), "shared");
    EXPECT_EQ(joined(db->fsck()), "");
    std::size_t walked = 0;
    EXPECT_OK((*db)->walk([&](auto, const auto&, const auto& version) {
        ++walked;
        EXPECT_NE(version.ciphertext_hash, base::Digest{});  // proofs still verify: the ciphertext is where it was
        return base::Status();
    }));
    EXPECT_EQ(walked, 44u);
    // Nothing of the index rows is left, not in a free page, not in a redo row, not in a WAL.
    std::string pages;
    for (auto open : {index_of, records_of}) {
        auto file = open(*db, dir.path());
        auto read = file.prepare("SELECT data FROM sqlite_dbpage");
        while (read->step().value()) pages += base::as_text(read->view(0));
        auto redo = file.prepare("SELECT count(*) FROM sqlite_schema WHERE name='redo'");
        if (redo->step().value() && redo->integer(0) == 1) {
            auto rows = file.prepare("SELECT count(*) FROM redo");
            EXPECT_TRUE(rows->step().value());
            EXPECT_EQ(rows->integer(0), 0);
        }
    }
    EXPECT_EQ(pages.find("needle-code"), std::string::npos);
    EXPECT_EQ(pages.find("needle-facts"), std::string::npos);
    EXPECT_NE(pages.find("needle-of-the-other"), std::string::npos);
    db.reset();
    db = std::make_unique<Opened>(dir.path());
    EXPECT_KIND(db->read("Patient", "gone"), Kind::gone);
    EXPECT_EQ(db->ids(of_type("Patient")), "stays");
}

TEST(Rest, AnErasureWhileTheStoreWasClosedReachesTheIndex) {
    const TempDir dir;
    {
        Opened db(dir.path());
        ASSERT_OK(db.put(observation("a", 1, "gone")));
        ASSERT_OK(db.put(observation("b", 1, "stays")));
    }
    {
        const FixedClock clock;
        auto keys = store::KeyRing::open(dir.path(), clock);
        ASSERT_OK((*keys)->erase_patient("gone", false, {}));
    }
    Opened db(dir.path());
    EXPECT_EQ(db.ids(of_type("Observation")), "b");
    EXPECT_EQ(joined(db.fsck()), "");
}

// A copy of the files at any moment is what a power cut leaves behind (here with all writes of that moment, in order).
TEST(Rest, ACopyTakenWhileWritingOpensWithEveryAcknowledgedWrite) {
    const TempDir dir;
    Opened db(dir.path());
    ASSERT_OK(db.put(observation("o0", 1, "p")));  // the patient's key is made
    std::atomic<int> acknowledged = 0;
    std::atomic<bool> stop = false;
    std::thread writing([&] {
        for (int i = 1; !stop; ++i) {
            ASSERT_OK(db.put(observation("o" + std::to_string(i), 1, "p")));
            acknowledged = i;
        }
    });
    for (int round = 0; round < 6; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(60));
        const TempDir copy;
        const int floor = acknowledged;
        const auto checkpointed = [&] { return std::pair(std::filesystem::last_write_time(dir.file("records.db")), std::filesystem::last_write_time(dir.file("index.db"))); };
        const auto before = checkpointed();
        // The WAL is copied first and the index before the records, as a cut that loses the newest unsynced pages of the index would.
        for (const char* name : {"root.key", "keys.db", "index.db-wal", "index.db", "records.db", "records.db-wal"}) {
            if (std::filesystem::exists(dir.file(name))) std::filesystem::copy_file(dir.file(name), copy.file(name));
        }
        if (checkpointed() != before) {  // one fell among the copies: no crash leaves such files
            --round;
            continue;
        }
        Opened crashed(copy.path());
        ASSERT_TRUE(crashed.store);
        const auto last = static_cast<int>(crashed->last_seq().value());
        EXPECT_GE(last, floor + 1);
        auto query = of_type("Observation", {final_status()});
        query.limit = 100'000;
        const auto hits = crashed.search(query);
        ASSERT_OK(hits);
        EXPECT_EQ(static_cast<int>(hits->rows.size()), last);
        EXPECT_EQ(joined(crashed.fsck()), "");
    }
    stop = true;
    writing.join();
}

TEST(Rest, KilledWhileWritingLosesNothingAcknowledged) {
    const TempDir dir;
    { Opened db(dir.path()); }
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        Opened db(dir.path());
        for (std::uint32_t i = 0;; ++i) {
            const auto status = db.work([&](store::Unit& unit) -> base::Status {
                for (int part = 0; part < 3; ++part) {  // all or nothing
                    auto put = unit.put(observation("o" + std::to_string(i) + "-" + std::to_string(part), 1, "p"));
                    if (!put) return base::pass(put);
                }
                return unit.journal("event" + std::to_string(i), base::as_bytes("x"));
            });
            if (!status) ::_exit(1);
            if (::write(pipe[1], &i, sizeof(i)) != sizeof(i)) ::_exit(1);
        }
    }
    ::close(pipe[1]);
    std::uint32_t acknowledged = 0;
    for (int i = 0; i < 25; ++i)
        ASSERT_EQ(::read(pipe[0], &acknowledged, sizeof(acknowledged)), static_cast<ssize_t>(sizeof(acknowledged)));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    while (::read(pipe[0], &acknowledged, sizeof(acknowledged)) > 0) {
    }
    ::close(pipe[0]);

    Opened db(dir.path());
    const auto last = db->last_seq().value();
    EXPECT_EQ(last % 3, 0u);
    EXPECT_GE(last, 3u * (acknowledged + 1));
    EXPECT_EQ(db->journal_pending()->size(), last / 3);
    for (std::uint32_t i = 0; i <= acknowledged; ++i)
        EXPECT_TRUE(db.read("Observation", "o" + std::to_string(i) + "-2").value().has_value());
    auto query = of_type("Observation", {final_status()});
    query.limit = 100'000;
    EXPECT_EQ(db.search(query)->rows.size(), last);
    EXPECT_EQ(joined(db.fsck()), "");
    ASSERT_OK(db.put(observation("after", 1, "p")));
}

// Both ways in which the index can differ from the records.
TEST(Rest, TheIndexCatchesUpAndFallsBack) {
    const TempDir dir, early, late;
    {
        Opened db(dir.path());
        for (int i = 0; i < 5; ++i) ASSERT_OK(db.put(observation("o" + std::to_string(i), 1, "p")));
        ASSERT_OK(db->drain());
        copy_dir(dir.path(), early.path());
    }
    {
        Opened db(dir.path());
        for (int i = 3; i < 8; ++i) ASSERT_OK(db.put(observation("o" + std::to_string(i), i < 5 ? 2 : 1, "p")));
        copy_dir(dir.path(), late.path());  // before the redo rows are dropped
    }
    const auto put_together = [](const TempDir& records, const TempDir& index) {
        auto out = std::make_unique<TempDir>();
        for (const char* name : {"root.key", "keys.db", "records.db", "records.db-wal"}) {
            if (std::filesystem::exists(records.file(name))) std::filesystem::copy_file(records.file(name), out->file(name));
        }
        for (const char* name : {"index.db", "index.db-wal"}) {
            if (std::filesystem::exists(index.file(name))) std::filesystem::copy_file(index.file(name), out->file(name));
        }
        return out;
    };
    const auto behind = put_together(late, early);
    Opened caught_up(behind->path());
    EXPECT_EQ(caught_up.ids(of_type("Observation", {final_status()})), "o7 o6 o5 o4 o3 o2 o1 o0");
    EXPECT_EQ(joined(caught_up.fsck()), "");
    const auto ahead = put_together(early, late);
    Opened fallen_back(ahead->path());
    EXPECT_EQ(fallen_back.ids(of_type("Observation", {final_status()})), "o4 o3 o2 o1 o0");
    EXPECT_EQ(joined(fallen_back.fsck()), "");
    ASSERT_OK(fallen_back.put(observation("o3", 2, "p")));
    EXPECT_EQ(fallen_back.ids(of_type("Observation", {final_status()})), "o3 o4 o2 o1 o0");
}

}  // namespace
