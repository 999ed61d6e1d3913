// A server without HTTP: the real store, the embedded ledger in memory, an outbox and a registry whose passes the test makes by hand.
#pragma once

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ledger/embedded.hpp"
#include "anchoring/ledger/memory_block_store.hpp"
#include "anchoring/proof/merkle.hpp"
#include "consent/registry/make_registry.hpp"
#include "storage/crypto/hash.hpp"
#include "storage/store/database.hpp"
#include "tests/consent/consents.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"

#include <future>
#include <map>

#include <gtest/gtest.h>

namespace consent_test {

template <class T>
T need(base::Result<T> result) {
    if (!result) throw std::runtime_error(std::string(base::to_string(result.error().kind)) + ": " + result.error().diagnostics);
    return std::move(*result);
}
inline void need(base::Status status) {
    if (!status) throw std::runtime_error(std::string(base::to_string(status.error().kind)) + ": " + status.error().diagnostics);
}

struct Server {
    support::TempDir dir;
    support::FakeClock clock{kNow};
    std::unique_ptr<store::KeyRing> keys;
    std::unique_ptr<store::Store> store;
    ledger::MemoryBlockStore blocks;
    std::unique_ptr<ledger::Embedded> embedded;
    ledger::Ledger* ledger = nullptr;
    std::unique_ptr<outbox::Outbox> box;
    std::unique_ptr<Registry> registry;
    RegistryOptions options;
    outbox::Options outbox_options;
    std::map<std::string, std::pair<std::uint32_t, std::string>> versions;  // Consent id -> version, body

    explicit Server(bool follow = false, ledger::Ledger* other = nullptr) : ledger(other) {
        need(store::KeyRing::init(dir.string(), clock));
        options.follow = follow;
        open();
    }
    ~Server() { close(); }

    void open() {
        keys = need(store::KeyRing::open(dir.string(), clock));
        store::StoreOptions store_options;
        store_options.dir = dir.string();
        store = need(store::Store::open(store_options, *keys, clock));
        if (!ledger) {
            embedded = need(ledger::Embedded::open(need(ethereum::Signer::from_secret(ethereum::keccak256("block key"))), blocks, clock,
                                                   {proof::verify_consistency, proof::verify_inclusion}));
            ledger = embedded.get();
        }
        outbox_options.dir = options.dir = dir.string();
        options.server_id = "https://kedge.test/fhir";
        box = need(outbox::Outbox::open(outbox_options, *store, *keys, *ledger, clock));
        registry = need(make_registry(options, *store, *keys, *ledger, *box, clock));
        if (options.follow) box->start();
    }
    void close() {
        registry.reset();
        box.reset();
        store.reset();
        keys.reset();
    }
    void restart() {
        close();
        if (embedded) ledger = nullptr;
        embedded.reset();
        open();
    }

    base::Status unit(store::Store::Work work) {
        auto duty = store::AuditDuty::exempt("test");
        std::promise<base::Status> promise;
        store->submit(duty, std::move(work), [&](base::Status status) { promise.set_value(std::move(status)); });
        return promise.get_future().get();
    }
    void add_patient(const std::string& id) {
        need(unit([&](store::Unit& unit) -> base::Status {
            store::NewRecord record;
            record.type = "Patient";
            record.id = record.patient = id;
            record.patients = {id};
            record.version = 1;
            record.updated_us = clock.now_us();
            record.body = R"({"resourceType":"Patient","id":")" + id + R"("})";
            auto put = unit.put(record);
            return put ? base::Status() : base::pass(put);
        }));
    }
    // A new version of a Consent as fhir/rest writes it; empty text deletes. Committed and told.
    base::Status write(const std::string& id, const std::string& text, const std::string& patient = "1", bool tell_registry = true) {
        auto& [version, before] = versions[id];
        std::optional<json::Value> old, now;
        if (!before.empty()) old = *json::parse(before);
        if (!text.empty()) now = *json::parse(text);
        const auto status = unit([&](store::Unit& unit) -> base::Status {
            store::NewRecord record;
            record.type = "Consent";
            record.id = id;
            record.patient = patient;
            record.patients = {patient};
            record.version = version + 1;
            record.updated_us = clock.now_us() + record.version;
            record.body = text;
            record.deleted = text.empty();
            auto put = unit.put(record);
            if (!put) return base::pass(put);
            if (!tell_registry) return {};
            return registry->on_write(unit, old ? &*old : nullptr, now ? &*now : nullptr, id, record.version, base::as_bytes(text));
        });
        if (!status) return status;
        ++version;
        before = text;
        if (tell_registry) registry->on_committed(id, patient);
        return {};
    }
    void mine() {
        need(box->pass());
        need(registry->catch_up());
    }
    std::shared_ptr<const Registry::View> view(const std::string& patient = "1") { return need(registry->view(patient)); }
    Decision decide(const Requester& who = practitioner()) {
        return consent::decide(who, Action::read, observation(), "1", view()->consents, {}, clock.now_us());
    }
    LedgerStatus status(const std::string& id) { return need(registry->status(id)).value(); }
};

inline const std::string kPermitAll = consent_json(R"("type":"permit")");
inline const std::string kDenyAll = consent_json(R"("type":"deny")");
inline std::string with_status(const char* status) {
    return consent_json(R"("type":"permit")", "", status);
}

}  // namespace consent_test
