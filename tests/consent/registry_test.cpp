#include "consent/registry/registry.hpp"

#include "anchoring/ledger/consent_events.hpp"
#include "anchoring/ledger/consent_ledger.hpp"
#include "consent/registry/table.hpp"
#include "tests/consent/registry_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace consent_test {
namespace {

using base::Kind;

struct RegistryTest : testing::Test {
    Server server;
    RegistryTest() { server.add_patient("1"); }

    std::vector<ledger::ConsentEvent> events() {
        std::vector<ledger::ConsentEvent> out;
        for (const auto& log : need(server.ledger->logs(0, server.ledger->head().value().number))) {
            if (auto event = need(ledger::consent_event(log))) out.push_back(*event);
        }
        return out;
    }
    template <class Event>
    std::vector<Event> events_of() {
        std::vector<Event> out;
        for (const auto& event : events()) {
            if (const auto* one = std::get_if<Event>(&event)) out.push_back(*one);
        }
        return out;
    }
};

TEST_F(RegistryTest, AGrantWaitsForTheLedger) {
    need(server.write("c", kPermitAll));
    EXPECT_EQ(server.decide().rule, "not-effective");
    EXPECT_EQ(server.status("c").state, "queued");
    EXPECT_EQ(server.status("c").finality, "pending");
    server.mine();
    EXPECT_EQ(server.decide().rule, "consent");
    EXPECT_EQ(server.decide().consents, std::vector<std::string>{"Consent/c/_history/1"});
    const auto status = server.status("c");
    EXPECT_EQ(status.state, "active");
    EXPECT_EQ(status.finality, "final");
    EXPECT_EQ(status.signer, "custodial");
    EXPECT_EQ(status.chain_id, ledger::kEmbeddedChainId);
    EXPECT_EQ(status.consent_id.size(), 66u);
    EXPECT_EQ(status.txn_hash.size(), 66u);
    EXPECT_EQ(status.block_hash.size(), 66u);
    EXPECT_GT(status.block_number, 0u);
    EXPECT_EQ(status.contract, ethereum::to_text(server.ledger->contracts().consent_ledger));
    EXPECT_TRUE(status.reason.empty());
}

TEST_F(RegistryTest, ADenialDoesNotWait) {
    need(server.write("c", kPermitAll));
    server.mine();
    need(server.write("d", kDenyAll));
    EXPECT_EQ(server.decide().rule, "consent-deny");
}

TEST_F(RegistryTest, ARevocationCountsBeforeAnyBlock) {
    for (const char* ending : {"inactive", "rejected", "entered-in-error", ""}) {
        const std::string id = std::string("c") + ending;
        need(server.write(id, kPermitAll));
        server.mine();
        ASSERT_TRUE(server.decide().permits());
        need(server.write(id, *ending ? with_status(ending) : ""));
        EXPECT_FALSE(server.decide().permits()) << ending;
        EXPECT_EQ(server.status(id).state, "revoking");
        server.mine();
        EXPECT_EQ(server.status(id).state, "revoked");
        EXPECT_EQ(server.status(id).finality, "final");
        EXPECT_FALSE(server.decide().permits());
    }
    EXPECT_EQ(events_of<ledger::Granted>().size(), 4u);
    EXPECT_EQ(events_of<ledger::Revoked>().size(), 4u);
}

TEST_F(RegistryTest, ARevocationBeforeItsGrantIsMinedNeverOpens) {
    need(server.write("c", kPermitAll));
    need(server.write("c", with_status("inactive")));
    server.mine();
    EXPECT_FALSE(server.decide().permits());
    EXPECT_EQ(server.status("c").state, "revoked");
}

TEST_F(RegistryTest, AChangeRevokesAndGrantsInOneTransaction) {
    need(server.write("c", kPermitAll));
    server.mine();
    const auto first = server.status("c");
    const auto block = server.ledger->head().value().number;
    need(server.write("c", consent_json(R"("type":"permit","purpose":[)" + purpose("TREAT") + "]")));
    EXPECT_EQ(server.decide().rule, "not-effective") << "the new terms wait, the old ones are over";
    server.mine();
    EXPECT_EQ(server.ledger->head().value().number, block + 1);
    EXPECT_EQ(server.decide().consents, std::vector<std::string>{"Consent/c/_history/2"});
    const auto second = server.status("c");
    EXPECT_NE(second.consent_id, first.consent_id);
    EXPECT_NE(second.txn_hash, first.txn_hash);
    const auto all = events();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_TRUE(std::holds_alternative<ledger::Revoked>(all[1]));
    EXPECT_TRUE(std::holds_alternative<ledger::Granted>(all[2]));
}

TEST_F(RegistryTest, ProposedIsAnEventAndDraftIsNothing) {
    need(server.write("p", with_status("proposed")));
    server.mine();
    ASSERT_EQ(events_of<ledger::Requested>().size(), 1u);
    EXPECT_EQ(server.status("p").state, "requested");
    EXPECT_TRUE(server.view()->consents.empty());
    need(server.write("d", with_status("draft")));
    server.mine();
    EXPECT_EQ(events().size(), 1u);
    EXPECT_FALSE(need(server.registry->status("d")));
    need(server.write("p", with_status("active")));  // the patient agrees
    server.mine();
    EXPECT_TRUE(server.decide().permits());
    EXPECT_EQ(server.status("p").state, "active");
}

TEST_F(RegistryTest, NothingOnTheLedgerNamesAnyone) {
    need(server.write("c", kPermitAll));
    need(server.write("c", consent_json(R"("type":"permit","period":{"start":"2026-11-20T13:14:15Z","end":"2026-12-24T10:11:12Z"})")));
    server.mine();
    const auto grants = events_of<ledger::Granted>();
    ASSERT_EQ(grants.size(), 2u);
    EXPECT_NE(grants[0].consent_id, grants[1].consent_id);
    EXPECT_EQ(grants[0].subject, grants[1].subject) << "one address for one patient here";
    EXPECT_EQ(grants[0].not_after, ledger::kNoEnd);
    EXPECT_EQ(grants[1].not_before % 86'400, 0u) << "whole days";
    EXPECT_EQ(grants[1].not_after % 86'400, 0u);
    EXPECT_LE(grants[1].not_before, 1'795'180'455u);
    EXPECT_GE(grants[1].not_after, 1'798'107'073u);
    server.add_patient("2");
    auto other = kPermitAll;
    other.replace(other.find("Patient/1"), 9, "Patient/2");
    need(server.write("other", other, "2"));
    server.mine();
    EXPECT_NE(events_of<ledger::Granted>().back().subject, grants[0].subject);
    EXPECT_NE(events_of<ledger::Granted>().back().terms_hash, grants[0].terms_hash) << "salted";
    // And nothing in the files of the registry's database, were its pages open: only the sealed blob knows the salts.
    EXPECT_TRUE(server.status("c").consent_id.find("fhir") == std::string::npos);
}

TEST_F(RegistryTest, PeriodsBeginAndEnd) {
    need(server.write("c", consent_json(R"("type":"permit","period":{"start":"2026-11-24","end":"2026-11-25"})")));
    server.mine();
    const auto at = [&](const char* time) {
        server.clock.set_us(base::parse_datetime(time)->low);
        need(server.registry->catch_up());
        return server.decide().permits();
    };
    EXPECT_FALSE(at("2026-11-23T23:59:59Z"));
    const auto before = server.view()->epoch;
    EXPECT_TRUE(at("2026-11-24T00:00:00Z"));
    EXPECT_NE(server.view()->epoch, before);
    EXPECT_TRUE(at("2026-11-25T23:59:59Z"));
    EXPECT_FALSE(at("2026-11-26T00:00:00Z"));
}

// The embedded ledger's time never runs back, so after a clock that was wrong once its blocks are ahead of the mended one.
TEST_F(RegistryTest, AClockThatWasFarAheadOnceHoldsUpNoLaterGrant) {
    const auto right = server.clock.now_us();
    server.clock.advance_seconds(400LL * 86'400);
    need(server.write("c1", kPermitAll));
    server.mine();
    server.clock.set_us(right);
    need(server.write("c2", kPermitAll));
    need(server.write("asked", with_status("proposed")));
    server.mine();
    EXPECT_EQ(server.status("c2").state, "active") << server.status("c2").reason;
    EXPECT_EQ(server.status("asked").state, "requested") << server.status("asked").reason;
    server.restart();
    need(server.write("c3", kPermitAll));
    server.mine();
    EXPECT_EQ(server.status("c3").state, "active") << server.status("c3").reason;
    EXPECT_TRUE(server.decide().permits());
}

TEST_F(RegistryTest, WhatDoesNotHashToItsTermsIsNotHonoured) {
    need(server.write("c", kPermitAll));
    server.mine();
    ASSERT_TRUE(server.decide().permits());
    const auto forge = [&](const char* sql) {
        need(server.unit([&](store::Unit& unit) { return unit.database().execute(sql); }));
        server.registry->on_committed("c", "1");
    };
    forge("UPDATE consent_ledger SET granted_terms = zeroblob(32)");
    EXPECT_EQ(server.decide().rule, "not-effective");
    forge("UPDATE consent_ledger SET terms_hash = zeroblob(32)");
    EXPECT_EQ(server.decide().rule, "not-effective");
}

TEST_F(RegistryTest, AVersionThatWentPastTheRegistryGivesNothing) {
    need(server.write("c", consent_json(R"("type":"permit","actor":[)" + actor("Practitioner/99") + "]")));
    server.mine();
    need(server.write("c", kPermitAll, "1", false));
    server.registry->on_committed("c", "1");
    EXPECT_EQ(server.decide().rule, "not-effective");
    // Another version's row put in its place does not help: the blob is bound to its version, the hash to its bytes.
    need(server.unit([&](store::Unit& unit) { return unit.database().execute("UPDATE consent_ledger SET version = 2"); }));
    server.registry->on_committed("c", "1");
    EXPECT_EQ(server.decide().rule, "not-effective");
}

TEST_F(RegistryTest, AnyoneWithTheSignedRevocationEndsIt) {
    need(server.write("c", kPermitAll));
    server.mine();
    ASSERT_TRUE(server.decide().permits());
    // The patient's own client, past this server: the ledger is the authority.
    const auto granted = events_of<ledger::Granted>().at(0);
    ASSERT_TRUE(server.write("x", with_status("draft")));
    const auto key = need(server.keys->patient_key("1", store::KeyUse::data));
    const auto signer = need(ethereum::Signer::from_secret(
        crypto::hkdf_sha256(*key.key,
                            base::Writer().u64(server.ledger->chain_id()).raw(server.ledger->contracts().consent_ledger.bytes).take(),
                            "consent-signer")
            .view()));
    EXPECT_EQ(signer.address(), granted.subject);
    const auto separator =
        ethereum::domain_separator(ledger::consent_domain(server.ledger->chain_id(), server.ledger->contracts().consent_ledger));
    const ledger::Revocation revocation{granted.subject, granted.consent_id};
    ethereum::Transaction txn;
    txn.chain_id = server.ledger->chain_id();
    txn.gas_limit = 100'000;
    txn.to = server.ledger->contracts().consent_ledger;
    txn.data = ledger::encode_call(
        ledger::RevokeCall{{revocation, ethereum::to_bytes(signer.sign(ledger::revoke_digest(separator, revocation)))}});
    ASSERT_TRUE(server.ledger->submit(need(ethereum::sign(txn, signer)).raw));
    need(server.registry->catch_up());
    EXPECT_EQ(server.decide().rule, "not-effective");
    EXPECT_EQ(server.status("c").state, "revoked");
}

TEST_F(RegistryTest, RestartsAtEveryStage) {
    need(server.write("c", kPermitAll));
    server.restart();
    EXPECT_EQ(server.status("c").state, "queued");
    EXPECT_EQ(server.decide().rule, "not-effective");
    need(server.box->pass());
    server.restart();
    EXPECT_TRUE(server.decide().permits()) << "mined before, followed now";
    server.restart();
    EXPECT_TRUE(server.decide().permits());
    need(server.write("c", with_status("inactive")));
    server.restart();
    EXPECT_FALSE(server.decide().permits()) << "not mined, and over";
    server.mine();
    EXPECT_EQ(server.status("c").state, "revoked");
}

TEST_F(RegistryTest, AnUndoneUnitLeavesNothing) {
    const auto failed = server.unit([&](store::Unit& unit) -> base::Status {
        const auto tree = *json::parse(kPermitAll);
        need(server.registry->on_write(unit, nullptr, &tree, "c", 1, base::as_bytes(kPermitAll)));
        return base::fail(Kind::conflict, "another writer was first");
    });
    ASSERT_FALSE(failed);
    server.mine();
    EXPECT_FALSE(need(server.registry->status("c")));
    EXPECT_TRUE(events().empty());
}

TEST_F(RegistryTest, RefusesWhomItDoesNotKnow) {
    auto stranger = kPermitAll;
    stranger.replace(stranger.find("Patient/1"), 9, "Patient/9");
    const auto unknown = server.write("c", stranger);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, Kind::unprocessable);
    EXPECT_EQ(unknown.error().expression, std::vector<std::string>{"Consent.patient"});
    stranger.replace(stranger.find(R"(,"patient":{"reference":"Patient/9"})"), 36, "");
    const auto nobody = server.write("c", stranger);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().kind, Kind::unprocessable);
}

TEST(RegistryLimits, AFullOutboxRefusesGrantsAndTakesRevocations) {
    Server server;
    server.outbox_options.most_waiting = 2;
    server.restart();
    server.add_patient("1");
    need(server.write("a", kPermitAll));
    need(server.write("b", kPermitAll));
    const auto refused = server.write("c", kPermitAll);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::unavailable);
    EXPECT_TRUE(server.write("a", with_status("inactive")));
    server.mine();
    EXPECT_TRUE(server.write("c", kPermitAll));
}

TEST_F(RegistryTest, AnErasedPatientsConsentsOpenNothing) {
    need(server.write("c", kPermitAll));
    server.mine();
    ASSERT_TRUE(server.decide().permits());
    need(server.keys->erase_patient("1", false, {}));
    server.registry->on_committed("c", "1");
    const auto view = server.registry->view("1");
    if (view) {
        for (const auto& consent : (*view)->consents) EXPECT_FALSE(consent.understood && consent.effective);
        EXPECT_FALSE(server.decide().permits());
    }
    // What the ledger keeps is a commitment whose salt is gone with the key.
    const auto again = server.write("c2", kPermitAll);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, Kind::gone);
    EXPECT_EQ(server.status("c").state, "active") << "opaque facts of the ledger stay";
}

TEST_F(RegistryTest, AStaleMirrorDenies) {
    need(server.write("c", kPermitAll));
    server.mine();
    server.clock.advance_seconds(59);
    EXPECT_TRUE(server.decide().permits());
    server.clock.advance_seconds(2);
    EXPECT_TRUE(server.view()->stale);
    EXPECT_FALSE(server.decide().permits());
    EXPECT_TRUE(server.decide(patient_user()).permits()) << "the own record stays open";
    need(server.registry->catch_up());
    EXPECT_FALSE(server.view()->stale);
    EXPECT_TRUE(server.decide().permits());
}

TEST(RegistryInProcess, AQuietHourIsNotStale) {
    Server server;
    server.options.in_process = true;
    server.restart();
    server.add_patient("1");
    need(server.write("c", kPermitAll));
    server.mine();
    server.clock.advance_seconds(3600);
    EXPECT_TRUE(server.decide().permits());
    need(server.write("d", kPermitAll));
    need(server.box->pass());  // a block that the mirror has not read
    server.clock.advance_seconds(3600);
    EXPECT_TRUE(server.view()->stale);
}

TEST_F(RegistryTest, OtherScopesAndUnreadConsents) {
    auto research = kPermitAll;
    research.replace(research.find("patient-privacy"), 15, "research");
    need(server.write("r", research));
    need(server.write("odd", consent_json(R"("type":"permit","modifierExtension":[{"url":"http://x.org"}])")));
    server.mine();
    const auto view = server.view();
    ASSERT_EQ(view->consents.size(), 1u);
    EXPECT_FALSE(view->consents[0].understood);
    EXPECT_EQ(server.decide().rule, "not-understood");
}

TEST_F(RegistryTest, AHundredAndMoreConsentsAreAllRead) {
    for (int i = 0; i < 130; ++i) need(server.write("c" + std::to_string(i), i == 0 ? kDenyAll : kPermitAll));
    server.mine();
    EXPECT_EQ(server.view()->consents.size(), 130u);
    EXPECT_EQ(server.decide().rule, "consent-deny") << "the oldest of them, on the last page";
}

TEST_F(RegistryTest, TheViewIsCachedUntilSomethingIsSaid) {
    need(server.write("c", kPermitAll));
    server.mine();
    const auto first = server.view();
    EXPECT_EQ(server.view().get(), first.get());
    server.add_patient("2");
    auto other = kPermitAll;
    other.replace(other.find("Patient/1"), 9, "Patient/2");
    need(server.write("o", other, "2"));
    EXPECT_EQ(server.view().get(), first.get()) << "another patient's word";
    need(server.write("d", kDenyAll));
    EXPECT_NE(server.view().get(), first.get());
    EXPECT_GT(server.view()->epoch, first->epoch);
}

TEST_F(RegistryTest, SpeedOfViews) {
    for (int i = 0; i < 3; ++i) need(server.write("c" + std::to_string(i), kPermitAll));
    server.mine();
    const auto measure = [&](bool cold) {
        std::vector<double> took_us;
        for (int i = 0; i < 200; ++i) {
            if (cold) server.registry->on_committed("c0", "1");
            const auto start = std::chrono::steady_clock::now();
            EXPECT_EQ(server.view()->consents.size(), 3u);
            took_us.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
        }
        std::sort(took_us.begin(), took_us.end());
        return took_us[100];
    };
    const double cold = measure(true), cached = measure(false);
    std::printf("view of three consents: cold p50 %.1f us, cached p50 %.2f us\n", cold, cached);
    EXPECT_LT(cached, cold);
}

// Reads race with writes: once a revocation was told, no View may permit again, however it was loaded.
TEST(RegistryRace, NoViewFromBeforeACommit) {
    Server server(true);
    server.add_patient("1");
    std::atomic<bool> stop{false};
    std::atomic<int> revoked{0};  // counts up once each revocation was told
    std::atomic<long> read{0}, permitted{0};
    std::vector<std::thread> readers;
    for (int r = 0; r < 3; ++r) {
        readers.emplace_back([&] {
            while (!stop) {
                const int before = revoked;
                const auto view = server.registry->view("1");
                ++read;
                if (!view) {
                    EXPECT_EQ(view.error().kind, Kind::unavailable);
                    continue;
                }
                for (const auto& consent : (*view)->consents) {
                    permitted += consent.effective;
                    const int number = std::stoi(consent.reference.substr(std::string("Consent/").size()));
                    EXPECT_GE(number, before) << "a consent that was revoked before the View was asked for";
                }
                (void)server.registry->status("0");
            }
        });
    }
    for (int i = 0; i < 25; ++i) {
        const std::string id = std::to_string(i);
        need(server.write(id, kPermitAll));
        for (int wait = 0; wait < 400 && server.status(id).state != "active"; ++wait)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        EXPECT_EQ(server.status(id).state, "active");
        need(server.write(id, with_status("inactive")));
        ++revoked;
    }
    stop = true;
    for (auto& reader : readers) reader.join();
    EXPECT_GT(read, 50);
    EXPECT_GT(permitted, 0) << "the readers must have seen open views too";
}

}  // namespace
}  // namespace consent_test
