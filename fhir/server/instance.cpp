#include "fhir/server/instance.hpp"

#include <filesystem>
#include <future>

#include "anchoring/ledger/evm_later.hpp"
#include "anchoring/ledger/silent.hpp"
#include "anchoring/proof/merkle.hpp"
#include "fhir/auth/documents.hpp"
#include "fhir/server/chain.hpp"
#include "fhir/server/late_entries.hpp"
#include "storage/base/encoding.hpp"
#include "storage/base/log.hpp"

namespace server {
namespace {

using base::Kind;

// The store would begin an empty one, and what is written from then on could not be brought together with the one that is missing. The store
// is opened before the log, so at no first start is there a log alone.
base::Status expect_records(const std::string& data_dir) {
    std::error_code error;
    if (!std::filesystem::exists(audit_dir(data_dir), error)) return {};
    const auto size = std::filesystem::file_size(data_dir + "/records.db", error);
    if (!error && size > 0) return {};  // an empty file would be taken for a new store
    return base::fail(Kind::corrupt, "records.db is missing or empty beside the audit log: bring it back from a backup; `kedge fsck` then says what it lacks");
}

// Records of yesterday beside today's log: what was written since is missing, and the next write would take the number of one that the log
// tells of. Offline commands look at such a directory all the same: `kedge fsck` names what it lacks.
base::Status expect_newest_records(store::Store& store, chain::AuditLog& log) {
    const auto told = log.newest_write();
    if (!told) return base::pass(told);
    const auto last = store.last_seq();
    if (!last) return base::pass(last);
    if (!*told || *last >= **told) return {};
    return base::fail(Kind::corrupt, "records.db is an older copy: it ends with version " + std::to_string(*last) + ", and the audit log tells of version " + std::to_string(**told) +
                                         "; bring the newest records.db and index.db back, or restore a whole backup. `kedge fsck` names what is missing");
}

base::Status open_storage(Instance& i, const InstanceOptions& options) {
    if (auto there = expect_records(options.data_dir); !there) return there;
    auto keys = store::KeyRing::open(keys_dir(options.data_dir), i.clock);
    if (!keys) return base::pass(keys);
    i.keys = std::move(*keys);
    store::StoreOptions store_options;
    store_options.dir = options.data_dir;
    auto store = store::Store::open(store_options, *i.keys, i.clock);
    if (!store) return base::pass(store);
    i.store = std::move(*store);
    chain::LogOptions log_options;
    log_options.dir = audit_dir(options.data_dir);
    log_options.origin = options.origin;
    log_options.queue_limit = options.audit_queue;
    log_options.checkpoint_ms = options.checkpoint_ms;
    auto log = chain::AuditLog::open(log_options, *i.keys, i.clock);
    if (!log) return base::pass(log);
    i.log = std::move(*log);
    if (auto newest = options.offline ? base::Status() : expect_newest_records(*i.store, *i.log); !newest) return newest;
    if (auto replayed = replay_journal(*i.store, *i.keys, *i.log); !replayed) return replayed;
    return settle_owed_entries(*i.keys, *i.log);
}

base::Status open_embedded(Instance& i) {
    auto database = store::Database::open(ledger_file(i.data_dir), i.keys->derived("db:ledger"), {});
    if (!database) return base::pass(database);
    auto blocks = ledger::SqliteBlockStore::open(std::move(*database));
    if (!blocks) return base::pass(blocks);
    i.blocks = std::move(*blocks);
    auto block_key = ethereum::Signer::from_secret(i.keys->derived("ledger:block-key").view());
    if (!block_key) return base::pass(block_key);
    ledger::ProofChecks checks{proof::verify_consistency, proof::verify_inclusion};
    auto embedded = ledger::Embedded::open(std::move(*block_key), *i.blocks, i.clock, std::move(checks));
    if (!embedded) return base::pass(embedded);
    i.embedded = embedded->get();
    i.ledger = std::move(*embedded);
    return {};
}

// An empty one would be taken for a ledger whose history was replaced.
base::Status expect_ledger_file(const std::string& data_dir, const std::optional<consent::LedgerInUse>& in_use) {
    std::error_code error;
    if (!in_use || in_use->chain_id != ledger::kEmbeddedChainId || std::filesystem::exists(ledger_file(data_dir), error)) return {};
    return base::fail(Kind::corrupt, "ledger.db is missing, and with it what shows the Consents' grants and the anchors: bring it back from a backup");
}

base::Status open_ledger(Instance& i, const InstanceOptions& options) {
    const auto in_use = consent::ledger_in_use(options.data_dir, *i.keys);
    if (!in_use) return base::pass(in_use);
    if (options.chain) {
        // A node that is away must not keep the records away: what needs the chain waits for it. What a node says that is not so (another
        // chain, no contracts there) is told at once.
        auto chain = std::make_unique<ledger::EvmLater>(options.chain->evm);
        if (const auto head = chain->head(); !head) {
            if (head.error().kind != Kind::unavailable) return base::pass(head);
            base::log::warn("the ledger does not answer; the server starts without it: " + head.error().diagnostics);
        }
        i.ledger = std::move(chain);
    } else if (options.offline && *in_use && (*in_use)->chain_id != ledger::kEmbeddedChainId) {
        i.ledger = std::make_unique<ledger::Silent>((*in_use)->chain_id, ledger::Contracts{(*in_use)->consent_ledger, {}});
    } else {
        if (auto there = expect_ledger_file(options.data_dir, *in_use); !there) return there;
        if (auto opened = open_embedded(i); !opened) return opened;
    }
    const auto elsewhere = consent::grants_elsewhere(options.data_dir, *i.keys, *i.ledger);
    if (!elsewhere) return base::pass(elsewhere);
    if (*elsewhere == 0 || options.moving) return {};
    return base::fail(Kind::conflict, std::to_string(*elsewhere) + " Consents are granted on another ledger (chain id " + std::to_string((*in_use)->chain_id) +
                                          "): bring them here with `kedge ledger migrate`, or serve with the ledger used before");
}

base::Status open_consent(Instance& i, const InstanceOptions& options) {
    outbox::Options outbox_options;
    outbox_options.dir = options.data_dir;
    outbox_options.only_looking = options.offline && !options.moving;
    if (options.chain) {
        const auto& chain = options.chain->chain;
        outbox_options.resend_after_us = std::int64_t{chain.resend_after_s} * 1'000'000;
        outbox_options.bump_after_us = std::int64_t{chain.bump_after_s} * 1'000'000;
        outbox_options.most_fee_per_gas = static_cast<std::uint64_t>(chain.most_fee_gwei) * 1'000'000'000;
    }
    auto relayer = relayer_signer(options.chain ? options.chain->chain : Config::Chain{}, i.keys->derived("relayer").view());
    if (!relayer) return base::pass(relayer);
    auto outbox = outbox::Outbox::open(outbox_options, *i.store, *i.keys, *i.ledger, std::move(*relayer), i.clock);
    if (!outbox) return base::pass(outbox);
    i.outbox = std::move(*outbox);
    consent::RegistryOptions registry_options;
    registry_options.dir = options.data_dir;
    registry_options.server_id = base::to_hex(i.keys->derived("server-id").view().first(16));
    registry_options.in_process = i.embedded != nullptr;
    if (options.chain) {
        registry_options.wait_for_finality = options.chain->chain.grant_counts == "final";
        registry_options.stale_after_us = std::int64_t{options.chain->chain.stale_after_s} * 1'000'000;
    }
    registry_options.follow = !options.offline;
    auto registry = consent::make_registry(registry_options, *i.store, *i.keys, *i.ledger, *i.outbox, i.clock);
    if (!registry) return base::pass(registry);
    i.registry = std::move(*registry);
    if (!options.offline) i.outbox->start();
    return {};
}

// The outbox's rows are written by the store's one writer, so an anchor waits its turn there like any other write.
base::Result<std::uint64_t> send_anchor(Instance& i, const outbox::Call& call) {
    auto duty = std::make_shared<store::AuditDuty>(store::AuditDuty::exempt("anchor"));
    auto queued = std::make_shared<std::promise<base::Result<std::uint64_t>>>();
    auto result = queued->get_future();
    auto id = std::make_shared<std::uint64_t>(0);
    i.store->submit(
        *duty,
        [&i, call, id](store::Unit& unit) -> base::Status {
            auto row = i.outbox->enqueue(unit.database(), call);
            if (!row) return base::pass(row);
            *id = row->id;
            return {};
        },
        [duty, queued, id](base::Status done) {
            if (done) queued->set_value(*id);
            else queued->set_value(base::pass(done));
        });
    auto out = result.get();
    if (out) i.outbox->kick();
    return out;
}

base::Status open_anchorer(Instance& i, const InstanceOptions& options) {
    anchor::Options anchor_options;
    anchor_options.path = anchors_file(options.data_dir);
    anchor_options.every_ms = std::int64_t{options.anchor_interval_s} * 1000;
    anchor::Sender sender{[&i](const outbox::Call& call) { return send_anchor(i, call); }, [&i](std::uint64_t id) { return i.outbox->find(id); }};
    auto anchorer = anchor::Anchorer::open(anchor_options, i.keys->derived("db:anchors"), *i.log, *i.ledger, i.outbox->relayer(), std::move(sender), i.clock);
    if (!anchorer) return base::pass(anchorer);
    i.anchorer = std::move(*anchorer);
    if (!options.offline) i.anchorer->start();
    return {};
}

base::Status open_knowledge(Instance& i, const InstanceOptions& options) {
    auto packages = std::make_shared<validate::Profiles>();
    for (const auto& package : options.packages) {
        if (auto loaded = packages->load(package); !loaded) return base::pass(loaded);
    }
    i.knowledge = std::make_unique<rest::Knowledge>(std::move(packages));
    if (options.offline) return {};
    return i.knowledge->load(*i.store);
}

base::Status open_rest(Instance& i, const InstanceOptions& options) {
    auto issuer = make_issuer(*i.keys, i.clock);
    if (!issuer) return base::pass(issuer);
    i.issuer = std::make_unique<auth::Issuer>(std::move(*issuer));
    auto revoked = auth::RevocationList::open(options.data_dir + kRevokedTokensFile, i.clock.now_us());
    if (!revoked) return base::pass(revoked);
    i.authenticator = std::make_unique<auth::Authenticator>(*i.issuer, std::move(*revoked), i.clock);
    i.refusals = std::make_unique<rest::RefusalCounter>(*i.log, i.clock, options.settings.base_url);
    i.workers = std::make_unique<rest::WorkerPool>(options.offline ? 0 : options.workers);
    if (auto known = open_knowledge(i, options); !known) return known;
    i.services.reset(new rest::Services{
        *i.store, *i.keys, *i.log, *i.registry, *i.authenticator, *i.refusals, i.clock, options.settings, i.keys->derived("page-link"),
        [workers = i.workers.get()](std::function<void()> job) { workers->post(std::move(job)); },
        [anchorer = i.anchorer.get()](std::uint64_t size) { return anchorer->covering(size); },
        [issuer = i.issuer.get()] { return auth::smart_configuration(*issuer, ""); }, [anchorer = i.anchorer.get()] { return anchorer->export_lines(); },
        i.knowledge.get()});
    return {};
}

}  // namespace

std::string keys_dir(const std::string& data_dir) {
    return data_dir;
}
std::string audit_dir(const std::string& data_dir) {
    return data_dir + "/audit";
}
std::string ledger_file(const std::string& data_dir) {
    return data_dir + "/ledger.db";
}

std::string anchors_file(const std::string& data_dir) {
    return data_dir + "/anchors.db";
}

base::Result<auth::Issuer> make_issuer(const store::KeyRing& keys, const base::Clock& clock) {
    // The name is this data directory's own, so that no other's token opens it.
    const auto name = "urn:kedge:" + base::to_hex(keys.derived("server-id").view().first(16));
    return auth::Issuer::make(keys.derived("token"), name, name, clock);
}

base::Result<std::unique_ptr<Instance>> Instance::open(const InstanceOptions& options) {
    auto instance = std::make_unique<Instance>();
    instance->data_dir = options.data_dir;
    if (auto opened = open_storage(*instance, options); !opened) return base::pass(opened);
    if (options.only_storage) return instance;
    for (const auto step : {open_ledger, open_consent, open_anchorer, open_rest}) {
        if (auto done = step(*instance, options); !done) return base::pass(done);
    }
    return instance;
}

base::Status Instance::drain() {
    workers->stop();
    refusals->stop();
    anchorer->stop();
    // The embedded ledger takes the last anchor at once. A chain is not waited for: the row is sent at the next start.
    if (auto mined = embedded == nullptr ? base::Status{} : outbox->pass(); !mined) base::log::warn("the last anchor waits in the outbox: " + mined.error().diagnostics);
    outbox->stop();
    if (auto done = store->drain(); !done) return done;
    return log->drain();
}

Instance::~Instance() = default;

}  // namespace server
