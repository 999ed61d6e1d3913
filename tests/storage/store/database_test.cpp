#include "storage/store/database.hpp"

#include "tests/storage/store/support.hpp"

#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace {

using base::Kind;
using store::Database;
using store::OpenOptions;
using store_test::TempDir;

crypto::Key key_of(std::uint8_t fill) {
    return crypto::Key(base::Bytes(32, fill));
}

Database opened(const std::string& path, const OpenOptions& options = {}, std::uint8_t fill = 7) {
    auto made = Database::open(path, key_of(fill), options);
    EXPECT_OK(made);
    return std::move(*made);
}

std::int64_t number(Database& db, std::string_view sql) {
    auto statement = db.prepare(sql);
    EXPECT_OK(statement);
    EXPECT_TRUE(statement->step().value_or(false));
    return statement->integer(0);
}

TEST(Database, KeepsValuesOfEveryType) {
    const TempDir dir;
    auto db = opened(dir.file("a.db"));
    ASSERT_OK(db.execute("CREATE TABLE t(a INTEGER, b TEXT, c BLOB, d)"));
    const base::Bytes blob{0, 1, 255};
    auto insert = db.prepare("INSERT INTO t VALUES(?,?,?,?)");
    ASSERT_OK(insert);
    ASSERT_OK(insert->bind(1, INT64_MIN).bind(2, "zw\xC3\xB6lf").bind(3, base::ByteView(blob)).bind_null(4).run());
    insert->reset();
    ASSERT_OK(insert->bind(1, 0).bind(2, "").bind(3, base::ByteView()).run());
    EXPECT_EQ(db.changes(), 1);
    EXPECT_EQ(db.last_insert_rowid(), 2);
    auto read = db.prepare("SELECT a,b,c,d FROM t ORDER BY rowid");
    ASSERT_OK(read);
    ASSERT_TRUE(read->step().value());
    EXPECT_EQ(read->integer(0), INT64_MIN);
    EXPECT_EQ(read->text(1), "zw\xC3\xB6lf");
    EXPECT_EQ(read->blob(2), blob);
    EXPECT_TRUE(read->is_null(3));
    ASSERT_TRUE(read->step().value());
    EXPECT_FALSE(read->is_null(1));  // empty, not absent
    EXPECT_FALSE(read->is_null(2));
    EXPECT_FALSE(read->step().value());
}

TEST(Database, FileHasNoPlaintextAndIsPrivate) {
    const TempDir dir;
    const auto path = dir.file("a.db");
    {
        auto db = opened(path);
        ASSERT_OK(db.execute("CREATE TABLE patients(name TEXT); INSERT INTO patients VALUES('Kieselstein-Marker')"));
        for (const auto& [name, content] : store_test::slurp_all(dir.path())) {  // with -wal, while open
            EXPECT_EQ(content.find("Kieselstein"), std::string::npos) << name;
            EXPECT_EQ(content.find("CREATE TABLE"), std::string::npos) << name;
        }
    }
    const auto content = store_test::slurp(path);
    ASSERT_GE(content.size(), 8192u);
    EXPECT_NE(content.substr(0, 15), "SQLite format 3");
    EXPECT_EQ(content.find("Kieselstein"), std::string::npos);
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(Database, WrongKeyIsCorrupt) {
    const TempDir dir;
    { EXPECT_OK(opened(dir.file("a.db")).execute("CREATE TABLE t(a)")); }
    EXPECT_KIND(Database::open(dir.file("a.db"), key_of(8), {}), Kind::corrupt);
    opened(dir.file("a.db"));  // and the right one still opens
}

TEST(Database, EachByteOfAPageIsAuthenticated) {
    const TempDir dir;
    const auto path = dir.file("a.db");
    {
        auto db = opened(path);
        ASSERT_OK(db.execute("CREATE TABLE t(a); INSERT INTO t VALUES(randomblob(3000)); PRAGMA wal_checkpoint(TRUNCATE)"));
    }
    const auto good = store_test::slurp(path);
    ASSERT_EQ(good.size(), 8192u);
    for (const std::size_t at : {4096u, 5000u, 8191u}) {
        auto bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
        auto db = Database::open(path, key_of(7), {});
        ASSERT_OK(db);
        auto read = db->prepare("SELECT a FROM t");
        ASSERT_OK(read);
        EXPECT_KIND(read->step(), Kind::corrupt);
    }
}

TEST(Database, SaysThatItsFirstPageWasChanged) {
    const TempDir dir;
    const auto path = dir.file("a.db");
    { EXPECT_OK(opened(path).execute("CREATE TABLE t(a); PRAGMA wal_checkpoint(TRUNCATE)")); }
    auto bytes = store_test::slurp(path);
    bytes[1000] = static_cast<char>(bytes[1000] ^ 1);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    const auto db = Database::open(path, key_of(7), {});
    ASSERT_FALSE(db.has_value());
    EXPECT_EQ(db.error().kind, Kind::corrupt);
    EXPECT_TRUE(db.error().diagnostics.starts_with("a.db: its first page does not open under its key")) << db.error().diagnostics;
}

TEST(Database, MissingFileReadOnlyIsFault) {
    const TempDir dir;
    OpenOptions options;
    options.read_only = true;
    EXPECT_KIND(Database::open(dir.file("none.db"), key_of(7), options), Kind::fault);
    EXPECT_FALSE(std::filesystem::exists(dir.file("none.db")));
    EXPECT_KIND(Database::open(dir.file("no/such/dir/a.db"), key_of(7), {}), Kind::fault);
}

TEST(Database, ReadOnlyRefusesWrites) {
    const TempDir dir;
    auto db = opened(dir.file("a.db"));
    ASSERT_OK(db.execute("CREATE TABLE t(a)"));
    OpenOptions options;
    options.read_only = true;
    auto reader = opened(dir.file("a.db"), options);
    EXPECT_FALSE(reader.execute("INSERT INTO t VALUES(1)").has_value());
    ASSERT_OK(db.execute("INSERT INTO t VALUES(1)"));
    EXPECT_EQ(number(reader, "SELECT count(*) FROM t"), 1);
}

TEST(Database, ConstraintIsConflict) {
    const TempDir dir;
    auto db = opened(dir.file("a.db"));
    ASSERT_OK(db.execute("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES(1)"));
    auto insert = db.prepare("INSERT INTO t VALUES(1)");
    ASSERT_OK(insert);
    EXPECT_KIND(insert->step(), Kind::conflict);
    EXPECT_KIND(db.execute("INSERT INTO t VALUES(1)"), Kind::conflict);
}

TEST(Database, BusyIsUnavailable) {
    const TempDir dir;
    OpenOptions options;
    options.busy_timeout_ms = 10;
    auto one = opened(dir.file("a.db"), options);
    auto two = opened(dir.file("a.db"), options);
    ASSERT_OK(one.execute("CREATE TABLE t(a); BEGIN IMMEDIATE"));
    EXPECT_TRUE(one.in_transaction());
    EXPECT_FALSE(two.in_transaction());
    EXPECT_KIND(two.execute("BEGIN IMMEDIATE"), Kind::unavailable);
}

// The operator's to mend, and to be tried again: what the caller sent is not too large.
TEST(Database, FullDiskIsUnavailable) {
    const TempDir dir;
    auto db = opened(dir.file("a.db"));
    ASSERT_OK(db.execute("CREATE TABLE t(a); PRAGMA max_page_count=4"));
    EXPECT_KIND(db.execute("INSERT INTO t VALUES(randomblob(100000))"), Kind::unavailable);
    EXPECT_OK(db.execute("INSERT INTO t VALUES(1)"));
}

TEST(Database, BadSqlIsFault) {
    const TempDir dir;
    auto db = opened(dir.file("a.db"));
    EXPECT_KIND(db.execute("SELEKT 1"), Kind::fault);
    EXPECT_KIND(db.prepare("SELECT \"not_a_string\""), Kind::fault);  // DQS=0
    auto statement = db.prepare("SELECT ?1");
    ASSERT_OK(statement);
    EXPECT_KIND(statement->bind(2, 1).step(), Kind::fault);  // no such parameter
}

TEST(Database, StatementsAreKeptAndCanBeNested) {
    const TempDir dir;
    auto db = opened(dir.file("a.db"));
    ASSERT_OK(db.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1),(2)"));
    auto outer = db.prepare("SELECT a FROM t ORDER BY a");
    ASSERT_TRUE(outer->step().value());
    {
        auto inner = db.prepare("SELECT a FROM t ORDER BY a");  // the same text while the first is in use
        ASSERT_TRUE(inner->step().value());
        EXPECT_EQ(inner->integer(0), 1);
    }
    ASSERT_TRUE(outer->step().value());
    EXPECT_EQ(outer->integer(0), 2);
    // Far more texts than are kept: none is lost while held, and all still work.
    for (int i = 0; i < 600; ++i) EXPECT_EQ(number(db, "SELECT " + std::to_string(i)), i);
    EXPECT_FALSE(outer->step().value());
    auto moved = std::move(*outer);
    moved.reset();
    EXPECT_TRUE(moved.step().value());
}

TEST(Database, BindingsDoNotLeakIntoTheNextUse) {
    const TempDir dir;
    auto db = opened(dir.file("a.db"));
    { db.prepare("SELECT ?1")->bind(1, "secret").step().value(); }
    auto again = db.prepare("SELECT ?1");
    ASSERT_TRUE(again->step().value());
    EXPECT_TRUE(again->is_null(0));
}

TEST(Database, FunctionsSeeRawColumns) {
    const TempDir dir;
    auto db = opened(dir.file("a.db"));
    std::vector<std::string> seen;
    ASSERT_OK(db.define("permits", 3, [&seen](std::span<const store::ColumnView> columns) -> std::int64_t {
        seen.emplace_back(base::as_text(columns[1].bytes));
        EXPECT_TRUE(columns[2].null);
        return columns[0].integer % 2;
    }));
    ASSERT_OK(db.execute("CREATE TABLE t(a,b,c); INSERT INTO t VALUES(1,'x',NULL),(2,x'00ff',NULL),(3,'',NULL)"));
    EXPECT_EQ(number(db, "SELECT count(*) FROM t WHERE permits(a,b,c)"), 2);
    EXPECT_EQ(seen, (std::vector<std::string>{"x", std::string("\0\xff", 2), ""}));
}

TEST(Database, BackupIsWholeWhileAnotherConnectionWrites) {
    const TempDir dir;
    auto writer = opened(dir.file("a.db"));
    ASSERT_OK(writer.execute("CREATE TABLE t(a, b); CREATE TABLE n(total); INSERT INTO n VALUES(0)"));
    std::atomic<bool> stop = false;
    std::thread writing([&] {
        while (!stop) EXPECT_OK(writer.execute("BEGIN; INSERT INTO t VALUES(1, randomblob(500)); UPDATE n SET total=total+1; COMMIT"));
    });
    OpenOptions options;
    options.read_only = true;
    auto reader = opened(dir.file("a.db"), options);
    for (int i = 0; i < 5; ++i) {
        const auto path = dir.file("copy" + std::to_string(i) + ".db");
        ASSERT_OK(reader.backup_to(path, key_of(9)));
        auto copy = opened(path, {}, 9);  // under its own key
        EXPECT_EQ(number(copy, "SELECT count(*) FROM t"), number(copy, "SELECT total FROM n"));
    }
    stop = true;
    writing.join();
}

TEST(Database, RekeyLeavesNothingUnderTheOldKey) {
    const TempDir dir;
    {
        auto db = opened(dir.file("a.db"));
        ASSERT_OK(db.execute("CREATE TABLE t(a); INSERT INTO t VALUES(42)"));
        ASSERT_OK(db.rekey(key_of(9)));
        EXPECT_EQ(number(db, "SELECT a FROM t"), 42);
    }
    EXPECT_KIND(Database::open(dir.file("a.db"), key_of(7), {}), Kind::corrupt);
    auto db = opened(dir.file("a.db"), {}, 9);
    EXPECT_EQ(number(db, "SELECT a FROM t"), 42);
}

TEST(Database, SecureDeleteLeavesNoTraceInDecryptedPages) {
    const TempDir dir;
    OpenOptions options;
    options.wal = false;
    options.secure_delete = true;
    auto db = opened(dir.file("a.db"), options);
    ASSERT_OK(db.execute("CREATE TABLE t(a TEXT); INSERT INTO t VALUES('needle-in-the-page'),('stays')"));
    const auto pages_with = [&](std::string_view text) {
        auto read = db.prepare("SELECT data FROM sqlite_dbpage");
        int found = 0;
        while (read->step().value()) found += base::as_text(read->view(0)).find(text) != std::string_view::npos;
        return found;
    };
    EXPECT_EQ(pages_with("needle-in-the-page"), 1);
    ASSERT_OK(db.execute("DELETE FROM t WHERE a LIKE 'needle%'"));
    EXPECT_EQ(pages_with("needle-in-the-page"), 0);
    EXPECT_EQ(pages_with("stays"), 1);
}

}  // namespace
