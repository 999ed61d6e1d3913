// A store in its own directory, and short words for what the tests do with it.
#pragma once

#include "storage/store/store.hpp"
#include "tests/storage/store/support.hpp"

#include <future>

namespace store_test {

using store::AuditDuty;
using store::Criterion;
using store::Hits;
using store::IndexEntry;
using store::NewRecord;
using store::Query;
using store::Record;
using store::Store;
using Op = Criterion::Op;
using EntryKind = IndexEntry::Kind;

inline IndexEntry token(std::string param, std::string system, std::string value, bool direct = false) {
    return {EntryKind::token, std::move(param), std::move(system), std::move(value), direct, 0, 0};
}
inline IndexEntry reference(std::string param, std::string type, std::string id) {
    return {EntryKind::reference, std::move(param), std::move(type), std::move(id), false, 0, 0};
}
inline IndexEntry text(std::string param, std::string value, bool direct = false) {
    return {EntryKind::string, std::move(param), {}, std::move(value), direct, 0, 0};
}
inline IndexEntry range(EntryKind kind, std::string param, std::int64_t low, std::int64_t high, std::string unit = {}) {
    return {kind, std::move(param), {}, std::move(unit), false, low, high};
}

inline NewRecord record(std::string type, std::string id, std::uint32_t version, std::string patient = {},
                        std::vector<IndexEntry> index = {}) {
    NewRecord out;
    out.type = std::move(type);
    out.id = std::move(id);
    out.version = version;
    out.patient = std::move(patient);
    if (!out.patient.empty()) out.patients = {out.patient};
    out.body = R"({"resourceType":")" + out.type + R"(","id":")" + out.id + R"(","v":)" + std::to_string(version) + "}";
    out.facts = "facts of " + out.id;
    out.updated_us = 1'700'000'000'000'000 + version;
    out.index = std::move(index);
    return out;
}

inline Criterion criterion(EntryKind kind, std::string param, Op op, std::string system, std::string value, bool direct = false) {
    Criterion out{kind, std::move(param), {}};
    out.any_of.push_back({op, std::move(system), std::move(value), direct, 0, 0});
    return out;
}
inline Criterion criterion(EntryKind kind, std::string param, Op op, std::int64_t low, std::int64_t high) {
    Criterion out{kind, std::move(param), {}};
    out.any_of.push_back({op, {}, {}, false, low, high});
    return out;
}

inline const store::Predicate kAll = [](const store::Candidate&) { return true; };

class Opened {
  public:
    explicit Opened(const std::string& dir, store::StoreOptions options = {}) {
        if (!std::filesystem::exists(dir + "/keys.db")) EXPECT_OK(store::KeyRing::init(dir, clock));
        auto ring = store::KeyRing::open(dir, clock);
        EXPECT_OK(ring);
        keys = std::move(*ring);
        options.dir = dir;
        auto made = Store::open(options, *keys, clock);
        EXPECT_OK(made);
        if (made) store = std::move(*made);
    }
    Store* operator->() { return store.get(); }

    base::Status work(Store::Work work) {
        auto duty = AuditDuty::exempt("test");
        std::promise<base::Status> promise;
        store->submit(duty, std::move(work), [&](base::Status done) { promise.set_value(std::move(done)); });
        return promise.get_future().get();
    }
    base::Status put(const NewRecord& record) {
        return work([&](store::Unit& unit) -> base::Status {
            auto done = unit.put(record);
            return done ? base::Status() : base::pass(done);
        });
    }
    base::Result<std::optional<Record>> read(std::string_view type, std::string_view id) {
        auto duty = AuditDuty::exempt("test");
        return store->read(duty, type, id);
    }
    base::Result<Hits> search(const Query& query, const store::Predicate& permits = kAll) {
        auto duty = AuditDuty::exempt("test");
        auto snapshot = store->snapshot(duty);
        if (!snapshot) return base::pass(snapshot);
        return (*snapshot)->search(query, permits);
    }
    // The ids found, newest first, joined by spaces.
    std::string ids(const Query& query) {
        auto hits = search(query);
        if (!hits) return std::string(base::to_string(hits.error().kind)) + ": " + hits.error().diagnostics;
        std::string out;
        for (const auto& hit : hits->rows) out += (out.empty() ? "" : " ") + hit.id;
        return out;
    }
    std::vector<std::string> fsck() {
        std::vector<std::string> out;
        auto count = store->fsck([&](const std::string& finding) { out.push_back(finding); });
        EXPECT_OK(count);
        EXPECT_EQ(*count, out.size());
        return out;
    }

    FixedClock clock;
    std::unique_ptr<store::KeyRing> keys;
    std::unique_ptr<Store> store;
};

inline Query of_type(std::string type, std::vector<Criterion> criteria = {}) {
    Query query;
    query.type = std::move(type);
    query.criteria = std::move(criteria);
    return query;
}

}  // namespace store_test
