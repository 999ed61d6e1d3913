// What the tests of the disk share: the files as somebody has them who knows the keys.
#pragma once

#include "storage/base/encoding.hpp"
#include "storage/crypto/hash.hpp"
#include "storage/store/database.hpp"
#include "storage/store/dictionary.hpp"
#include "storage/store/envelope.hpp"
#include "tests/storage/store/store_fixture.hpp"

#include <csignal>
#include <set>
#include <thread>

#include <sys/wait.h>

namespace rest_on_disk {
using namespace store_test;
using base::Kind;
using store::Database;

constexpr auto kToken = EntryKind::token;

inline Criterion final_status() {
    return criterion(kToken, "status", Op::no_system, "", "final");
}
inline NewRecord observation(const std::string& id, std::uint32_t version, const std::string& patient) {
    return record("Observation", id, version, patient, {token("status", "", "final"), reference("subject", "Patient", patient)});
}

// The files as somebody has them who knows the keys.
inline Database records_of(Opened& db, const std::string& dir) {
    auto made = Database::open(dir + "/records.db", db.keys->derived("db:records"), {});
    EXPECT_OK(made);
    return std::move(*made);
}
inline Database index_of(Opened& db, const std::string& dir) {
    auto made = Database::open(dir + "/index.db", db.keys->derived("db:index"), {});
    EXPECT_OK(made);
    return std::move(*made);
}

inline bool any_contains(const std::vector<std::string>& sentences, const std::vector<std::string>& words) {
    for (const auto& sentence : sentences) {
        bool all = true;
        for (const auto& word : words) all = all && sentence.find(word) != std::string::npos;
        if (all) return true;
    }
    return false;
}
inline std::string joined(const std::vector<std::string>& sentences) {
    std::string out;
    for (const auto& sentence : sentences) out += sentence + "\n";
    return out;
}

inline void copy_dir(const std::string& from, const std::string& to) {
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
}

}  // namespace rest_on_disk
