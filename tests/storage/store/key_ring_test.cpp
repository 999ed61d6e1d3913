#include "storage/store/key_ring.hpp"

#include "storage/crypto/hash.hpp"
#include "storage/store/database.hpp"
#include "storage/store/key_files.hpp"
#include "tests/storage/store/support.hpp"

#include <set>
#include <thread>

#include <sys/stat.h>

namespace {

using base::Kind;
using store::KeyRing;
using store::KeyUse;
using store_test::TempDir;

const store_test::FixedClock kClock;

std::unique_ptr<KeyRing> made(const TempDir& dir) {
    EXPECT_OK(KeyRing::init(dir.path(), kClock));
    auto ring = KeyRing::open(dir.path(), kClock);
    EXPECT_OK(ring);
    return std::move(*ring);
}
std::unique_ptr<KeyRing> reopened(const TempDir& dir) {
    auto ring = KeyRing::open(dir.path(), kClock);
    EXPECT_OK(ring);
    return std::move(*ring);
}
base::Bytes bytes_of(const base::Result<store::NamedKey>& key) {
    EXPECT_OK(key);
    return base::to_bytes(key->key->view());
}

// keys.db as somebody sees it who has the root key: every page, decrypted.
std::string decrypted_pages(const TempDir& dir) {
    auto root = store::key_files::read_root(dir.file("root.key"));
    EXPECT_OK(root);
    auto rows = store::key_files::open_rows(dir.file("keys.db"), *root);
    EXPECT_OK(rows);
    auto read = rows->prepare("SELECT data FROM sqlite_dbpage");
    std::string out;
    while (read->step().value()) out += base::as_text(read->view(0));
    return out;
}
std::string wrapped_of(const TempDir& dir, const store::KeyId& id) {
    auto root = store::key_files::read_root(dir.file("root.key"));
    auto rows = store::key_files::open_rows(dir.file("keys.db"), *root);
    EXPECT_OK(rows);
    auto read = rows->prepare("SELECT wrapped FROM key WHERE id=?");
    EXPECT_TRUE(read->bind(1, base::ByteView(id)).step().value());
    return read->text(0);
}

TEST(KeyRing, InitMakesPrivateFilesAndOverwritesNothing) {
    const TempDir dir;
    EXPECT_KIND(KeyRing::open(dir.path(), kClock), Kind::not_found);
    EXPECT_KIND(KeyRing::open(dir.file("nowhere"), kClock), Kind::not_found);
    ASSERT_OK(KeyRing::init(dir.path(), kClock));
    const auto root = store_test::slurp(dir.file("root.key"));
    EXPECT_KIND(KeyRing::init(dir.path(), kClock), Kind::conflict);
    EXPECT_EQ(store_test::slurp(dir.file("root.key")), root);
    for (const char* name : {"root.key", "keys.db"}) {
        struct stat info {};
        ASSERT_EQ(::stat(dir.file(name).c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
    }
    EXPECT_FALSE(std::filesystem::exists(dir.file("root.key.new")));
    EXPECT_FALSE(std::filesystem::exists(dir.file("keys.db.new")));
}

TEST(KeyRing, WrongOrBrokenRootKeyIsCorrupt) {
    const TempDir dir, other;
    made(dir);
    made(other);
    const auto good = store_test::slurp(dir.file("root.key"));
    std::filesystem::copy_file(other.file("root.key"), dir.file("root.key"), std::filesystem::copy_options::overwrite_existing);
    EXPECT_KIND(KeyRing::open(dir.path(), kClock), Kind::corrupt);
    for (const std::string& bad : {std::string("rubbish"), good.substr(0, good.size() - 3), good + "00", std::string()}) {
        std::ofstream(dir.file("root.key"), std::ios::trunc) << bad;
        EXPECT_KIND(KeyRing::open(dir.path(), kClock), Kind::corrupt);
    }
    std::ofstream(dir.file("root.key"), std::ios::trunc) << std::string(1000, 'x');
    EXPECT_KIND(KeyRing::open(dir.path(), kClock), Kind::too_large);
    std::ofstream(dir.file("root.key"), std::ios::trunc) << good;
    reopened(dir);
}

TEST(KeyRing, KeysAreStableDistinctAndSurviveReopening) {
    const TempDir dir;
    std::set<base::Bytes> seen;
    base::Bytes data, audit;
    store::KeyId id;
    {
        const auto ring = made(dir);
        data = bytes_of(ring->patient_key("p1", KeyUse::data));
        audit = bytes_of(ring->patient_key("p1", KeyUse::audit));
        id = ring->patient_key("p1", KeyUse::data)->id;
        seen = {data,
                audit,
                bytes_of(ring->patient_key("p2", KeyUse::data)),
                bytes_of(ring->by_id({})),
                base::to_bytes(ring->derived("token").view()),
                base::to_bytes(ring->derived("tenant-data").view())};
        EXPECT_EQ(seen.size(), 6u);
        EXPECT_EQ(bytes_of(ring->by_id(id)), data);
    }
    const auto ring = reopened(dir);
    EXPECT_EQ(bytes_of(ring->by_id(id)), data);
    EXPECT_EQ(bytes_of(ring->patient_key("p1", KeyUse::data)), data);
    EXPECT_EQ(bytes_of(ring->patient_key("p1", KeyUse::audit)), audit);
    EXPECT_TRUE(seen.contains(base::to_bytes(ring->derived("token").view())));
    EXPECT_TRUE(seen.contains(bytes_of(ring->by_id({}))));
}

TEST(KeyRing, UnknownIdIsCorruptNotGone) {
    const TempDir dir;
    const auto ring = made(dir);
    EXPECT_KIND(ring->by_id(store::KeyId{1, 2, 3}), Kind::corrupt);
}

TEST(KeyRing, FilesNameNobody) {
    const TempDir dir;
    const auto ring = made(dir);
    ASSERT_OK(ring->patient_key("patient-with-a-name", KeyUse::data));
    EXPECT_EQ(decrypted_pages(dir).find("patient-with-a-name"), std::string::npos);
}

TEST(KeyRing, ErasureDestroysTheKeyForGood) {
    const TempDir dir;
    auto ring = made(dir);
    const auto data = ring->patient_key("p1", KeyUse::data);
    const auto audit = ring->patient_key("p1", KeyUse::audit);
    const auto other = ring->patient_key("p2", KeyUse::data);
    ASSERT_OK(data);
    const auto wrapped = wrapped_of(dir, data->id);
    const auto wrapped_other = wrapped_of(dir, other->id);
    ASSERT_EQ(wrapped.size(), 40u);
    ASSERT_NE(decrypted_pages(dir).find(wrapped), std::string::npos);
    EXPECT_EQ(ring->erasures().value(), 0u);

    ASSERT_OK(ring->erase_patient("p1", false, {}));
    EXPECT_KIND(ring->patient_key("p1", KeyUse::data), Kind::gone);
    EXPECT_KIND(ring->by_id(data->id), Kind::gone);
    EXPECT_OK(ring->by_id(audit->id));  // the audit key was to stay
    EXPECT_EQ(ring->state("p1", KeyUse::data).value(), KeyRing::KeyState::destroyed);
    EXPECT_EQ(ring->state("p2", KeyUse::data).value(), KeyRing::KeyState::present);
    // The audit key lives on, remembered or not; of the data key the answer stays.
    EXPECT_EQ(ring->state("p1", KeyUse::audit).value(), KeyRing::KeyState::present);
    EXPECT_OK(ring->patient_key("p1", KeyUse::audit));
    EXPECT_OK(ring->patient_key("p2", KeyUse::audit));
    EXPECT_EQ(ring->state("p1", KeyUse::audit).value(), KeyRing::KeyState::present);
    EXPECT_EQ(ring->state("p1", KeyUse::data).value(), KeyRing::KeyState::destroyed);
    EXPECT_EQ(ring->state("p2", KeyUse::data).value(), KeyRing::KeyState::present);
    EXPECT_EQ(ring->state("p1", KeyUse::data).value(), KeyRing::KeyState::destroyed);
    EXPECT_EQ(ring->state("never-was", KeyUse::audit).value(), KeyRing::KeyState::none);
    EXPECT_KIND(ring->erase_patient("never-was", true, {}), Kind::not_found);  // asking made none
    EXPECT_EQ(ring->erasures().value(), 1u);
    EXPECT_EQ(decrypted_pages(dir).find(wrapped), std::string::npos);
    EXPECT_NE(decrypted_pages(dir).find(wrapped_other), std::string::npos);
    for (const auto& [name, content] : store_test::slurp_all(dir.path())) EXPECT_EQ(content.find(wrapped), std::string::npos) << name;

    EXPECT_KIND(ring->erase_patient("p1", false, {}), Kind::not_found);
    ASSERT_OK(ring->erase_patient("p1", true, {}));
    EXPECT_KIND(ring->by_id(audit->id), Kind::gone);
    EXPECT_EQ(ring->state("p1", KeyUse::audit).value(), KeyRing::KeyState::destroyed);
    EXPECT_KIND(ring->erase_patient("p1", true, {}), Kind::not_found);
    EXPECT_KIND(ring->erase_patient("never-was", true, {}), Kind::not_found);
    ring.reset();
    ring = reopened(dir);
    EXPECT_KIND(ring->patient_key("p1", KeyUse::data), Kind::gone);
    EXPECT_KIND(ring->patient_key("p1", KeyUse::audit), Kind::gone);
    EXPECT_OK(ring->patient_key("p2", KeyUse::data));
}

TEST(KeyRing, WhatIsOwedOfAnErasureIsKeptWithItUntilItIsDone) {
    const TempDir dir;
    auto ring = made(dir);
    for (const char* patient : {"p1", "p2"}) ASSERT_OK(ring->patient_key(patient, KeyUse::data));
    const auto said = [](std::string_view text) { return base::to_bytes(base::as_bytes(text)); };
    EXPECT_KIND(ring->erase_patient("never-was", false, said("of nobody")), Kind::not_found);
    EXPECT_TRUE(ring->owed().value().empty()) << "what was not done is not owed";
    ASSERT_OK(ring->erase_patient("p1", false, said("of p1, unmistakably")));
    ASSERT_OK(ring->erase_patient("p2", false, said("of p2")));
    const auto again = ring->erase_patient("p1", false, said("twice"));
    EXPECT_KIND(again, Kind::not_found);
    EXPECT_EQ(again.error().diagnostics, "the patient's key was destroyed before");
    ring = reopened(dir);
    auto owed = ring->owed().value();
    ASSERT_EQ(owed.size(), 2u);
    EXPECT_EQ(base::as_text(owed[0].what), "of p1, unmistakably");
    EXPECT_EQ(base::as_text(owed[1].what), "of p2");
    EXPECT_NE(decrypted_pages(dir).find("unmistakably"), std::string::npos);
    ASSERT_OK(ring->rotate_root_key());
    ASSERT_OK(ring->owed_done(owed[0].id));
    ASSERT_OK(ring->owed_done(owed[0].id));
    owed = ring->owed().value();
    ASSERT_EQ(owed.size(), 1u);
    EXPECT_EQ(base::as_text(owed[0].what), "of p2");
    EXPECT_EQ(decrypted_pages(dir).find("unmistakably"), std::string::npos) << "overwritten";
}

TEST(KeyRing, AKeyFileOfBeforeOwedEntriesOpens) {
    const TempDir dir;
    {
        const auto ring = made(dir);
        ASSERT_OK(ring->patient_key("p1", KeyUse::data));
    }
    {
        auto root = store::key_files::read_root(dir.file("root.key"));
        auto rows = store::key_files::open_rows(dir.file("keys.db"), *root);
        ASSERT_OK(rows->execute("DROP TABLE owed"));
    }
    const auto ring = reopened(dir);
    EXPECT_TRUE(ring->owed().value().empty());
    ASSERT_OK(ring->erase_patient("p1", false, base::as_bytes("of p1")));
    EXPECT_EQ(ring->owed().value().size(), 1u);
}

TEST(KeyRing, ErasureTellsSubscribersOnce) {
    const TempDir dir;
    const auto ring = made(dir);
    ASSERT_OK(ring->patient_key("p1", KeyUse::data));
    ASSERT_OK(ring->patient_key("p2", KeyUse::data));
    std::vector<std::string> told;
    const auto subscription = ring->on_erase([&](std::string_view patient) {
        told.emplace_back(patient);
        EXPECT_FALSE(ring->patient_key(patient, KeyUse::data).has_value());  // destroyed already, and the ring can be asked
    });
    ASSERT_OK(ring->erase_patient("p1", true, {}));
    EXPECT_FALSE(ring->erase_patient("p1", true, {}).has_value());
    ring->stop_on_erase(subscription);
    ASSERT_OK(ring->erase_patient("p2", true, {}));
    EXPECT_EQ(told, std::vector<std::string>{"p1"});
}

TEST(KeyRing, RotatingTheTenantKeyKeepsEverything) {
    const TempDir dir;
    auto ring = made(dir);
    std::vector<base::Bytes> before;
    constexpr int kPatients = 510;  // two keys each: more than one batch of the rewrapping
    for (int i = 0; i < kPatients; ++i) before.push_back(bytes_of(ring->patient_key("p" + std::to_string(i), KeyUse::data)));
    const auto id = ring->patient_key("p7", KeyUse::data)->id;
    const auto old_wrapped = wrapped_of(dir, id);
    const auto token = base::to_bytes(ring->derived("token").view());
    const auto tenant_data = bytes_of(ring->by_id({}));
    auto other_process = reopened(dir);
    ASSERT_OK(ring->rotate_tenant_key());
    ASSERT_OK(ring->rotate_tenant_key());
    EXPECT_EQ(decrypted_pages(dir).find(old_wrapped), std::string::npos);
    EXPECT_EQ(bytes_of(other_process->by_id(id)), before[7]);  // sees the new version by itself
    ring.reset();
    ring = reopened(dir);
    for (int i = 0; i < kPatients; ++i)
        EXPECT_EQ(bytes_of(ring->patient_key("p" + std::to_string(i), KeyUse::data)), before[static_cast<std::size_t>(i)]);
    EXPECT_EQ(base::to_bytes(ring->derived("token").view()), token);
    EXPECT_EQ(bytes_of(ring->by_id({})), tenant_data);
}

TEST(KeyRing, RotatingTheRootKeyKeepsEverything) {
    const TempDir dir;
    auto ring = made(dir);
    const auto key = bytes_of(ring->patient_key("p1", KeyUse::data));
    const auto old_root = store_test::slurp(dir.file("root.key"));
    ASSERT_OK(ring->rotate_root_key());
    EXPECT_NE(store_test::slurp(dir.file("root.key")), old_root);
    EXPECT_OK(ring->patient_key("p2", KeyUse::data));  // goes on in the new file
    ring.reset();
    ring = reopened(dir);
    EXPECT_EQ(bytes_of(ring->patient_key("p1", KeyUse::data)), key);
    for (const auto& [name, content] : store_test::slurp_all(dir.path()))
        EXPECT_EQ(content.find(old_root.substr(17, 64)), std::string::npos) << name;
    ring.reset();
    std::ofstream(dir.file("root.key"), std::ios::trunc) << old_root;
    EXPECT_KIND(KeyRing::open(dir.path(), kClock), Kind::corrupt);
}

TEST(KeyRing, ACrashWhileTheRootIsRotatedLeavesAPairThatOpens) {
    const TempDir dir, before, after;
    base::Bytes key;
    {
        const auto ring = made(dir);
        key = bytes_of(ring->patient_key("p1", KeyUse::data));
        for (const char* name : {"root.key", "keys.db"}) std::filesystem::copy_file(dir.file(name), before.file(name));
        ASSERT_OK(ring->rotate_root_key());
        for (const char* name : {"root.key", "keys.db"}) std::filesystem::copy_file(dir.file(name), after.file(name));
    }
    // Each state of the directory that a crash can leave: what stands as root.key, keys.db, root.key.new, keys.db.new.
    struct State {
        const TempDir *root, *rows, *next_root, *next_rows;
    };
    for (const auto& state :
         {State{&before, &before, &after, nullptr}, State{&before, &before, &after, &after}, State{&before, &after, &after, nullptr},
          State{nullptr, &after, &after, nullptr}, State{&after, &after, nullptr, nullptr}}) {
        const TempDir crashed;
        if (state.root) std::filesystem::copy_file(state.root->file("root.key"), crashed.file("root.key"));
        if (state.rows) std::filesystem::copy_file(state.rows->file("keys.db"), crashed.file("keys.db"));
        if (state.next_root) std::filesystem::copy_file(state.next_root->file("root.key"), crashed.file("root.key.new"));
        if (state.next_rows) std::filesystem::copy_file(state.next_rows->file("keys.db"), crashed.file("keys.db.new"));
        const auto ring = reopened(crashed);
        EXPECT_EQ(bytes_of(ring->patient_key("p1", KeyUse::data)), key);
        EXPECT_OK(ring->rotate_root_key());  // clears what was left
        EXPECT_EQ(bytes_of(reopened(crashed)->patient_key("p1", KeyUse::data)), key);
    }
}

TEST(KeyRing, ManyThreadsAskingForOnePatientGetOneKey) {
    const TempDir dir;
    const auto ring = made(dir);
    std::mutex mutex;
    std::set<base::Bytes> keys;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 5; ++i) {
                const auto key = ring->patient_key("patient" + std::to_string(i), KeyUse::data);
                ASSERT_OK(key);
                ASSERT_OK(ring->by_id(key->id));
                const std::lock_guard lock(mutex);
                keys.insert(base::to_bytes(key->key->view()));
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(keys.size(), 5u);
}

TEST(KeyRing, BackupOpensWithTheRootKeyAlone) {
    const TempDir dir, copy;
    const auto ring = made(dir);
    const auto key = bytes_of(ring->patient_key("p1", KeyUse::data));
    ASSERT_OK(ring->backup_to(copy.path()));
    EXPECT_KIND(ring->backup_to(copy.path()), Kind::conflict);
    EXPECT_FALSE(std::filesystem::exists(copy.file("root.key")));
    EXPECT_KIND(KeyRing::open(copy.path(), kClock), Kind::corrupt);
    std::filesystem::copy_file(dir.file("root.key"), copy.file("root.key"));
    EXPECT_EQ(bytes_of(reopened(copy)->patient_key("p1", KeyUse::data)), key);
}

}  // namespace
