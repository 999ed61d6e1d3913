// An outbox over a store of units and a clock that tests set.
#pragma once

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/consent_ledger.hpp"
#include "anchoring/ledger/embedded.hpp"
#include "anchoring/ledger/memory_block_store.hpp"
#include "anchoring/outbox/outbox.hpp"
#include "anchoring/proof/merkle.hpp"
#include "tests/anchoring/outbox/fake_node.hpp"
#include "tests/anchoring/outbox/unit_store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"

#include <gtest/gtest.h>

namespace outbox_test {

using base::Kind;
using outbox::Address;
using outbox::Hash;
using outbox::Outbox;
using outbox::State;

struct Fixture : testing::Test {
    support::TempDir dir;
    support::FakeClock clock;
    std::unique_ptr<store::KeyRing> keys = make_keys();
    UnitStore units{dir.string(), *keys};
    outbox::Options options;

    std::unique_ptr<store::KeyRing> make_keys() {
        EXPECT_TRUE(store::KeyRing::init(dir.string(), clock));
        return std::move(store::KeyRing::open(dir.string(), clock).value());
    }
    std::unique_ptr<Outbox> open(ledger::Ledger& ledger) {
        options.dir = dir.string();
        auto opened = Outbox::open(options, units, *keys, ledger, clock);
        EXPECT_TRUE(opened) << opened.error().diagnostics;
        return std::move(*opened);
    }
    static outbox::Call call(ledger::Ledger& ledger, int n = 0) {
        const ledger::RequestCall request{ethereum::keccak256("request " + std::to_string(n)), {}, 99};
        return {"consent", ledger.contracts().consent_ledger, ledger::encode_call(request), 100'000};
    }
    base::Result<outbox::Queued> enqueue(Outbox& box, const outbox::Call& what) {
        base::Result<outbox::Queued> queued = base::fail(Kind::fault, "not run");
        auto status = units.run_unit([&](store::Unit& unit) -> base::Status {
            queued = box.enqueue(unit.database(), what);
            if (!queued) return base::pass(queued);
            return {};
        });
        if (queued && !status) return base::pass(status);
        return queued;
    }
    static outbox::Row row(Outbox& box, std::uint64_t id) { return box.find(id).value().value(); }
};

// The same on the ledger that is in the process.
struct OnEmbedded : Fixture {
    ledger::MemoryBlockStore blocks;
    std::unique_ptr<ledger::Embedded> embedded =
        std::move(ledger::Embedded::open(ethereum::Signer::from_secret(ethereum::keccak256("block key")).value(), blocks, clock,
                                         {proof::verify_consistency, proof::verify_inclusion})
                      .value());
};

}  // namespace outbox_test
