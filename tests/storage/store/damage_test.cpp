// What is lost or damaged on the disk: a lost index, backup, damage that fsck must name, a full disk.
#include "tests/storage/store/rest_fixture.hpp"

namespace {

using namespace rest_on_disk;

base::Result<NewRecord> extracted(const Record& record) {
    auto out = observation(record.id, record.version.version, record.patient);
    EXPECT_FALSE(record.version.deleted);
    EXPECT_EQ(record.body, out.body);
    return out;
}

TEST(Rest, ALostOrDamagedIndexIsRebuilt) {
    const TempDir dir;
    auto db = std::make_unique<Opened>(dir.path());
    for (int i = 0; i < 30; ++i) ASSERT_OK(db->put(observation("o" + std::to_string(i), 1, "p" + std::to_string(i % 3))));
    ASSERT_OK(db->put(observation("o3", 2, "p0")));
    auto mark = observation("o4", 2, "p1");
    mark.deleted = true;
    mark.body.clear();
    mark.index.clear();
    ASSERT_OK(db->put(mark));
    ASSERT_OK(db->keys->erase_patient("p2", false, {}));
    const auto all = of_type("Observation", {final_status()});
    ASSERT_OK((*db)->drain());
    const auto before = db->ids(all);
    Query history;
    history.scope = Query::Scope::history;
    const auto history_before = db->ids(history);
    EXPECT_EQ(before.substr(0, 3), "o3 ");
    for (const bool damaged : {false, true}) {
        db.reset();
        for (const char* suffix : {"-wal", "-shm", ""}) std::filesystem::remove(dir.file(std::string("index.db") + suffix));
        if (damaged) std::ofstream(dir.file("index.db")) << std::string(8192, 'x');
        db = std::make_unique<Opened>(dir.path());
        ASSERT_TRUE(db->store);
        EXPECT_KIND(db->search(all), Kind::unavailable);
        EXPECT_KIND(db->put(observation("new", 1, "p0")), Kind::unavailable);
        EXPECT_OK(db->read("Observation", "o1"));
        EXPECT_FALSE(db->fsck().empty());
        // A reindex that fails leaves it unusable, not half right, also after the next start.
        EXPECT_KIND((*db)->reindex([](const Record&) -> base::Result<NewRecord> { return base::fail(Kind::invalid, "no"); }, {}),
                    Kind::invalid);
        EXPECT_KIND(db->search(all), Kind::unavailable);
        db.reset();
        db = std::make_unique<Opened>(dir.path());
        EXPECT_KIND(db->search(all), Kind::unavailable);
        std::uint64_t told = 0;
        ASSERT_OK((*db)->reindex(extracted, [&](std::uint64_t done, std::uint64_t total) {
            told = done;
            EXPECT_EQ(total, 32u);
        }));
        EXPECT_EQ(told, 32u);
        EXPECT_EQ(db->ids(all), before);
        EXPECT_EQ(db->ids(history), history_before);
        EXPECT_EQ(joined(db->fsck()), "");
    }
    ASSERT_OK(db->put(observation("new", 1, "p0")));
    EXPECT_EQ(db->ids(all), "new " + before);
    // Of a store in good order too, after searches whose connections know the old numbers of names.
    ASSERT_OK((*db)->reindex(
        [](const Record& record) -> base::Result<NewRecord> {
            auto out = observation(record.id, record.version.version, record.patient);
            out.index.insert(out.index.begin(), token("earlier", "urn:earlier", "x"));  // every number moves
            return out;
        },
        {}));
    const auto hits = db->search(all);
    ASSERT_OK(hits);
    ASSERT_FALSE(hits->rows.empty());
    EXPECT_EQ(hits->rows[0].type, "Observation");
    EXPECT_EQ(db->ids(all), "new " + before);
    EXPECT_EQ(db->ids(of_type("Observation", {criterion(kToken, "earlier", Op::equals, "urn:earlier", "x")})), "new " + before);
}

TEST(Rest, BackupWhileServingOpensComplete) {
    const TempDir dir;
    Opened db(dir.path());
    std::atomic<bool> stop = false;
    std::atomic<int> acknowledged = -1;  // the newest
    std::thread writing([&] {
        for (int i = 0; !stop; ++i) {
            ASSERT_OK(db.put(observation("o" + std::to_string(i), 1, "p" + std::to_string(i / 10))));  // new patients, new keys
            acknowledged = i;
        }
    });
    for (int round = 0; round < 3; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        const TempDir copy;
        const int floor = acknowledged;
        ASSERT_OK(db->backup_to(copy.path()));
        EXPECT_KIND(db->backup_to(copy.path()), Kind::conflict);
        std::filesystem::copy_file(dir.file("root.key"), copy.file("root.key"));
        Opened restored(copy.path());
        const auto last = restored->last_seq().value();
        EXPECT_GE(static_cast<int>(last), floor + 1);
        auto query = of_type("Observation", {final_status()});
        query.limit = 100'000;
        EXPECT_EQ(restored.search(query)->rows.size(), last);
        EXPECT_EQ(joined(restored.fsck()), "");
    }
    stop = true;
    writing.join();
}

struct Case {
    const char* what;
    const char* file;
    const char* sql;
    std::vector<std::string> words;  // of one finding
    const char* type_id;             // what can no longer be read, or nothing
};

// Everything that somebody with the page key can do to a row, and what fsck says about it.
TEST(Rest, FsckNamesEveryKindOfDamage) {
    const TempDir source;
    {
        Opened db(source.path());
        for (int i = 1; i <= 6; ++i) ASSERT_OK(db.put(observation("o" + std::to_string(i), 1, "p1")));
        ASSERT_OK(db.put(observation("o1", 2, "p1")));  // seq 7
        ASSERT_OK(db.put(observation("x", 1, "p2")));   // seq 8
    }
    const std::vector<Case> cases = {
        {"bodies swapped",
         "records",
         "CREATE TEMP TABLE s AS SELECT * FROM record; UPDATE record SET body=(SELECT body FROM s WHERE s.seq=5-record.seq) WHERE seq IN "
         "(2,3)",
         {"version 2", "Observation/o2 version 1", "body"},
         "o2"},
        {"rows swapped",
         "records",
         "CREATE TEMP TABLE s AS SELECT * FROM record; UPDATE record SET name=(SELECT name FROM s WHERE s.seq=5-record.seq),"
         "body=(SELECT body FROM s WHERE s.seq=5-record.seq),rid=(SELECT rid FROM s WHERE s.seq=5-record.seq) WHERE seq IN (2,3)",
         {"version 3", "name does not open"},
         "o3"},
        {"body edited",
         "records",
         "UPDATE record SET body=substr(body,1,100)||iif(substr(body,101,1)=x'00',x'01',x'00')||substr(body,102) WHERE seq=4",
         {"version 4", "Observation/o4 version 1", "not the one that was written"},
         "o4"},
        {"body cut short",
         "records",
         "UPDATE record SET body=substr(body,1,length(body)-1) WHERE seq=4",
         {"version 4", "Observation/o4", "does not open"},
         "o4"},
        {"body cut to nothing",
         "records",
         "UPDATE record SET body=x'' WHERE seq=4",
         {"version 4", "Observation/o4", "does not open"},
         "o4"},
        {"name edited",
         "records",
         "UPDATE record SET name=iif(substr(name,1,1)=x'00',x'01',x'00')||substr(name,2) WHERE seq=4",
         {"version 4", "name does not open"},
         nullptr},
        {"row moved", "records", "UPDATE record SET seq=9 WHERE seq=4", {"version 4", "is missing"}, "o4"},
        {"row removed", "records", "DELETE FROM record WHERE seq=4", {"version 4", "is missing"}, "o4"},
        {"version removed from the list",
         "records",
         "DELETE FROM version WHERE seq=4",
         {"version 4", "Observation/o4", "no list"},
         nullptr},
        {"head rolled back", "records", "DELETE FROM version WHERE seq=7", {"version 7", "Observation/o1 version 2", "no list"}, nullptr},
        {"head led to the old row", "records", "UPDATE version SET seq=1 WHERE seq=7", {"version 7", "Observation/o1 version 2"}, "o1"},
        {"last row removed", "records", "DELETE FROM record WHERE seq=8", {"version 8", "is listed, and its row is missing"}, "x"},
        {"record id changed",
         "records",
         "UPDATE record SET rid=(SELECT rid FROM record WHERE seq=1) WHERE seq=4",
         {"version 4", "name does not open"},
         nullptr},
        {"key id changed",
         "records",
         "UPDATE record SET body=substr(body,1,2)||(SELECT substr(body,3,16) FROM record WHERE seq=8)||substr(body,19) WHERE seq=4",
         {"version 4", "Observation/o4", "does not open"},
         "o4"},
        {"index row removed", "index", "DELETE FROM doc WHERE seq=4", {"version 4", "Observation/o4", "missing in the index"}, nullptr},
        {"index row changed",
         "index",
         "UPDATE doc SET until=7 WHERE seq=4",
         {"version 4", "Observation/o4", "says something else"},
         nullptr},
        {"index row's version changed", "index", "UPDATE doc SET version=7 WHERE seq=4", {"version 4", "says something else"}, nullptr},
        {"index row given to one patient more",
         "index",
         "UPDATE doc SET patients=x'010002'||substr(patients,4)||substr((SELECT patients FROM doc WHERE seq=8),4) WHERE seq=4",
         {"version 4", "Observation/o4", "another patient"},
         nullptr},
        {"index row given away",
         "index",
         "UPDATE doc SET patients=(SELECT patients FROM doc WHERE seq=8) WHERE seq=4",
         {"version 4", "Observation/o4", "another patient"},
         nullptr},
        {"index facts changed",
         "index",
         "UPDATE doc SET facts=x'01' WHERE seq=4",
         {"version 4", "Observation/o4", "says something else"},
         nullptr},
        {"stray terms",
         "index",
         "INSERT INTO term SELECT param,value,99,system FROM term LIMIT 1",
         {"version 99", "search terms"},
         nullptr},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.what);
        const TempDir dir;
        copy_dir(source.path(), dir.path());
        const FixedClock clock;
        {
            auto keys = store::KeyRing::open(dir.path(), clock).value();
            auto file = Database::open(dir.file(std::string(each.file) + ".db"), keys->derived(std::string("db:") + each.file), {});
            ASSERT_OK(file);
            ASSERT_OK(file->execute(each.sql));
            ASSERT_GE(file->changes(), 1);
        }
        Opened db(dir.path());
        ASSERT_TRUE(db.store);
        const auto findings = db.fsck();
        EXPECT_TRUE(any_contains(findings, each.words)) << joined(findings);
        if (each.type_id != nullptr) EXPECT_KIND(db.read("Observation", each.type_id), Kind::corrupt);
    }
    Opened untouched(source.path());
    EXPECT_EQ(joined(untouched.fsck()), "");
}

TEST(Rest, ADamagedPageIsFoundAndNothingElseIsLost) {
    const TempDir dir;
    {
        Opened db(dir.path());
        for (int i = 0; i < 200; ++i) ASSERT_OK(db.put(observation("o" + std::to_string(i), 1, "p")));
    }
    std::int64_t page = 0;
    {
        Opened db(dir.path());
        auto file = records_of(db, dir.path());
        auto find = file.prepare("SELECT p.pgno FROM sqlite_dbpage p, record r WHERE r.seq=100 AND instr(p.data,substr(r.body,19,32))>0");
        ASSERT_TRUE(find->step().value());
        page = find->integer(0);
    }
    auto content = slurp(dir.file("records.db"));
    content[static_cast<std::size_t>(page) * 8192 - 100] ^= 1;
    std::ofstream(dir.file("records.db"), std::ios::binary | std::ios::trunc) << content;
    Opened db(dir.path());
    ASSERT_TRUE(db.store);
    int readable = 0, corrupt = 0;
    for (int i = 0; i < 200; ++i) {
        const auto got = db.read("Observation", "o" + std::to_string(i));
        readable += got.has_value();
        corrupt += !got && got.error().kind == Kind::corrupt;
    }
    EXPECT_EQ(readable + corrupt, 200);
    EXPECT_GT(readable, 100);
    EXPECT_GT(corrupt, 0);
    const auto findings = db.fsck();
    EXPECT_EQ(findings.front(), "records.db: page " + std::to_string(page) + " (from byte " + std::to_string((page - 1) * 8192) +
                                    " on, 8192 bytes) does not open: it was changed, put in place of another, or written in part");
    std::vector<std::string> pages;
    EXPECT_EQ(store::Store::fsck_pages(dir.path(), *db.keys, [&](const std::string& sentence) { pages.push_back(sentence); }), 1u);
    EXPECT_EQ(pages, std::vector<std::string>{findings.front()});
    EXPECT_TRUE(any_contains(findings, {"version 100 (Observation/o99 version 1, says the index): its row cannot be read"})) << joined(findings);
    std::set<std::uint64_t> walked;
    ASSERT_OK(db->walk([&](std::uint64_t seq, const auto&, const auto&) -> base::Status {
        walked.insert(seq);
        return {};
    }));
    EXPECT_EQ(walked.size(), static_cast<std::size_t>(readable));
    EXPECT_FALSE(walked.contains(100));
}

TEST(Rest, AFullDiskRefusesAndLosesNothing) {
    const TempDir dir;
    {
        Opened db(dir.path());
        ASSERT_OK(db.put(observation("before", 1, "p")));
        ASSERT_OK(db.work([](store::Unit& unit) { return unit.database().execute("PRAGMA max_page_count=1"); }));
        auto big = observation("big", 1, "p");
        big.facts.resize(200'000);
        for (std::size_t i = 0; i < big.facts.size(); ++i) big.facts[i] = static_cast<char>(i * i * 31 >> 7);
        EXPECT_KIND(db.put(big), Kind::unavailable);
        EXPECT_KIND(db.put(observation("after", 1, "p")), Kind::unavailable);  // nothing more is acknowledged
        EXPECT_TRUE(db.read("Observation", "before").value().has_value());     // and reading goes on
        EXPECT_FALSE(db.read("Observation", "big").value().has_value());
    }
    Opened db(dir.path());
    EXPECT_EQ(db->last_seq().value(), 1u);
    ASSERT_OK(db.put(observation("after", 1, "p")));
    EXPECT_EQ(joined(db.fsck()), "");
}

TEST(Rest, DictionariesNeverChange) {
    // A changed byte would make every stored body unreadable: make a new dictionary instead.
    EXPECT_EQ(base::to_hex(crypto::sha256(base::as_bytes(store::dictionary_fhir_r4_text()))),
              "eb6feded5e9765bf880de3d4a0ca3c0b38e6af9e75e401a1f8ea93ad7c609558");
    EXPECT_EQ(store::dictionary(0), nullptr);
    EXPECT_EQ(store::dictionary(2), nullptr);
}

TEST(Rest, IdsPackAndUnpack) {
    for (const std::string id : {"a", "6f1c1c52-0d4c-4b8e-9f0e-0d7a3d1c2b3a", "6F1C1C52-0D4C-4B8E-9F0E-0D7A3D1C2B3A",
                                 "6f1c1c52-0d4c-4b8e-9f0e-0d7a3d1c2b3", "6f1c1c5200d4c-4b8e-9f0e-0d7a3d1c2b3a",
                                 "6f1c1c52-0d4c-4b8e-9f0e-0d7a3d1c2b3g", "urn:uuid:6f1c1c52-0d4c-4b8e-9f0e-0d7a3d1c2b3a"}) {
        EXPECT_EQ(store::unpack_id(store::pack_id(id)), id);
    }
    EXPECT_EQ(store::unpack_id(store::pack_id(std::string(254, 'x'))), std::string(254, 'x'));
    EXPECT_EQ(store::pack_id("6f1c1c52-0d4c-4b8e-9f0e-0d7a3d1c2b3a").size(), 17u);
    EXPECT_EQ(store::unpack_id(base::Bytes{5, 'a'}), "");
    EXPECT_EQ(store::unpack_id(base::Bytes{1, 'a', 'b'}), "");
    EXPECT_EQ(store::unpack_id({}), "");
}

}  // namespace
