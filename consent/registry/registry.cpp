#include "consent/registry/registry.hpp"

#include "consent/registry/follower.hpp"
#include "consent/registry/loading.hpp"
#include "consent/registry/make_registry.hpp"
#include "consent/registry/view_cache.hpp"
#include "consent/registry/writing.hpp"
#include "storage/base/encoding.hpp"
#include "storage/base/log.hpp"

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

namespace consent {
namespace {

constexpr base::TimeUs kClockAheadUs = 3'600'000'000;  // an hour: past what clocks that are kept differ by

std::string hex(base::ByteView bytes) {
    return "0x" + base::to_hex(bytes);
}

class LedgerRegistry final : public Registry {
  public:
    LedgerRegistry(const RegistryOptions& options, store::Store& store, store::KeyRing& keys, ledger::Ledger& ledger,
                   outbox::Outbox& outbox, const base::Clock& clock, store::Database reader)
        : options_(options),
          store_(store),
          ledger_(ledger),
          outbox_(outbox),
          clock_(clock),
          reader_(std::move(reader)),
          cache_(options_.cache_patients),
          follower_(store, ledger, clock, [this](const std::vector<store::RecordId>& patients) { cache_.forget(patients); }),
          writing_(options_, store, keys, ledger, outbox, clock, follower_),
          loading_(options_, store, keys, reader_, reader_mutex_) {}

    ~LedgerRegistry() override {
        {
            std::lock_guard lock(ear_->mutex);
            ear_->registry = nullptr;
        }
        {
            std::lock_guard lock(wake_mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        if (thread_.joinable()) thread_.join();
    }

    base::Status begin();

    base::Status on_write(store::Unit& unit, const json::Value*, const json::Value* after, const std::string& id, std::uint32_t version,
                          base::ByteView stored_body) override {
        return writing_.write(unit, after, id, version, stored_body);
    }

    base::Result<bool> grant_again(store::Unit& unit, const json::Value& consent, const std::string& id, std::uint32_t version,
                                   base::ByteView stored_body) override {
        return writing_.grant_again(unit, consent, id, version, stored_body);
    }

    void on_committed(const std::string&, const std::string& patient) override {
        cache_.forget(patient);
        outbox_.kick();
    }

    base::Result<std::shared_ptr<const View>> view(const std::string& patient) override;
    base::Result<std::optional<LedgerStatus>> status(const std::string& consent_id) override;
    base::Status catch_up() override { return follower_.sync(); }

  private:
    bool stale(base::TimeUs now);
    void follow();
    void wake() {
        {
            std::lock_guard lock(wake_mutex_);
            woken_ = true;
        }
        wake_.notify_one();
    }

    const RegistryOptions options_;
    store::Store& store_;
    ledger::Ledger& ledger_;
    outbox::Outbox& outbox_;
    const base::Clock& clock_;
    std::mutex reader_mutex_;
    store::Database reader_;
    ViewCache cache_;
    Follower follower_;
    Writing writing_;
    Loading loading_;

    // The outbox outlives the registry and keeps the listener: it must not call into what is gone.
    struct Ear {
        std::mutex mutex;
        LedgerRegistry* registry = nullptr;
    };
    std::shared_ptr<Ear> ear_ = std::make_shared<Ear>();
    std::mutex wake_mutex_;
    std::condition_variable wake_;
    bool woken_ = false, stopping_ = false;
    std::thread thread_;
};

base::Status LedgerRegistry::begin() {
    auto duty = store::AuditDuty::exempt("registry tables");
    std::promise<base::Status> promise;
    auto done = promise.get_future();
    store_.submit(
        duty, [](store::Unit& unit) { return make_registry_tables(unit.database()); },
        [&promise](base::Status status) { promise.set_value(std::move(status)); });
    if (auto made = done.get(); !made) return made;
    if (auto loaded = follower_.load(reader_); !loaded) return loaded;
    if (auto synced = follower_.sync(); !synced) {
        if (synced.error().kind == base::Kind::corrupt) return synced;
        base::log::warn("registry: the ledger does not answer yet, consents give no access until it does: " + synced.error().diagnostics);
    }
    if (const auto ahead = follower_.head_time_us() - clock_.now_us(); ahead > kClockAheadUs) {
        base::log::warn("the ledger's newest block is " + std::to_string(ahead / 3'600'000'000) +
                        " hours ahead of this machine's clock: one of the clocks is or was wrong");
    }
    if (!options_.follow) return {};
    ear_->registry = this;
    outbox_.listen([ear = ear_](const std::vector<outbox::Row>&) {
        std::lock_guard lock(ear->mutex);
        if (ear->registry) ear->registry->wake();
    });
    thread_ = std::thread([this] { follow(); });
    return {};
}

void LedgerRegistry::follow() {
    std::unique_lock lock(wake_mutex_);
    for (int failures = 0; !stopping_;) {
        const auto wait =
            std::chrono::milliseconds(std::min<std::int64_t>(30'000, std::int64_t{options_.poll_ms} << std::min(failures, 5)));
        wake_.wait_for(lock, wait, [&] { return stopping_ || (woken_ && failures == 0); });
        if (stopping_) return;
        woken_ = false;
        lock.unlock();
        const auto synced = follower_.sync();
        if (!synced) base::log::warn("registry: following the ledger failed: " + synced.error().diagnostics);
        failures = synced ? 0 : failures + 1;
        lock.lock();
    }
}

bool LedgerRegistry::stale(base::TimeUs now) {
    if (now - follower_.last_sync_us() <= options_.stale_after_us) return false;
    if (!options_.in_process || !follower_.is_current()) return true;
    follower_.confirm_current();
    return false;
}

base::Result<std::shared_ptr<const Registry::View>> LedgerRegistry::view(const std::string& patient) {
    const auto now = clock_.now_us();
    if (stale(now)) {
        // A caller that overlooks `stale` still gets nothing from this: what was not understood denies.
        auto view = std::make_shared<View>();
        view->stale = true;
        view->consents.push_back({"urn:kedge:ledger-mirror-stale", patient, false, false, nullptr});
        return std::shared_ptr<const View>(std::move(view));
    }
    return cache_.get(patient, now, [&] { return loading_.load(patient, {now, follower_.finalized(), options_.wait_for_finality}); });
}

base::Result<std::optional<LedgerStatus>> LedgerRegistry::status(const std::string& consent_id) {
    std::optional<LedgerRow> found;
    {
        std::lock_guard lock(reader_mutex_);
        auto row = find_row(reader_, store_.record_id("Consent", consent_id), std::nullopt);
        if (!row) return base::pass(row);
        found = std::move(*row);
    }
    if (!found) return std::optional<LedgerStatus>{};
    const LedgerRow& row = *found;
    const bool revoking = row.intent == Intent::revoke || row.revoked_block.has_value();
    const auto txn = outbox_.find(row.revoke_txn && *row.revoke_txn != 0 ? *row.revoke_txn : row.txn);
    if (!txn) return base::pass(txn);

    LedgerStatus out;
    out.chain_id = ledger_.chain_id();
    out.contract = ethereum::to_text(ledger_.contracts().consent_ledger);
    out.consent_id = hex(row.consent_id);
    out.terms_hash = hex(row.terms_hash);
    out.signer = row.intent == Intent::request ? "" : row.signer == SignedBy::custodial ? "custodial" : "patient";
    out.finality = "pending";
    std::string sent = "queued";
    if (*txn) {
        if ((*txn)->txn_hash != outbox::Hash{}) out.txn_hash = hex((*txn)->txn_hash);  // none until it is signed
        out.block_number = (*txn)->block_number;
        const bool mined = (*txn)->state == outbox::State::mined || (*txn)->state == outbox::State::final || (*txn)->block_number != 0;
        if (mined) out.block_hash = hex((*txn)->block_hash);
        if (mined) out.finality = (*txn)->block_number <= follower_.finalized() ? "final" : "latest";
        sent = (*txn)->state == outbox::State::queued ? "queued" : (*txn)->state == outbox::State::refused ? "refused" : "sent";
        if (sent == "refused" || !(*txn)->reason.empty()) {
            sent = "refused";
            out.reason = (*txn)->reason + ": write the Consent again to have it signed anew";
        } else if (mined && row.intent == Intent::request) {
            sent = "requested";
        } else if (mined && row.intent == Intent::grant && !row.granted_block && follower_.head() >= out.block_number) {
            sent = "refused";  // mined, and the mirror has read that block: the contract skipped it in its batch
            out.reason = "the contract did not take this grant: write the Consent again to have it signed anew";
        }
    }
    // The mirror may have read the block before the outbox asks for the receipt.
    if (const auto seen = revoking ? row.revoked_block : row.granted_block; seen && out.finality == "pending") {
        out.block_number = *seen;
        out.finality = *seen <= follower_.finalized() ? "final" : "latest";
    }
    // "active" is said when it counts: a grant in a block that could be taken back is still on its way.
    const bool counts = row.granted_block && (!options_.wait_for_finality || *row.granted_block <= follower_.finalized());
    out.state = revoking ? (row.revoked_block ? "revoked" : "revoking") : counts ? "active" : sent;
    if (out.state == "revoking" && sent != "refused") out.reason.clear();
    if (const auto pause = outbox_.paused(); pause && *txn && (*txn)->state == outbox::State::queued) {
        out.reason = outbox::to_text(*pause, false) + " by an operator: " +
                     (revoking ? "the revocation counts here already, and goes to the ledger when it is resumed"
                               : "this waits, and goes to the ledger when it is resumed");
    }
    return std::optional<LedgerStatus>{std::move(out)};
}

}  // namespace

namespace {

base::Result<store::Database> open_reader(const std::string& dir, store::KeyRing& keys) {
    store::OpenOptions read_only;
    read_only.read_only = true;
    return store::Database::open(dir + "/records.db", keys.derived("db:records"), read_only);
}

}  // namespace

base::Result<std::optional<LedgerInUse>> ledger_in_use(const std::string& dir, store::KeyRing& keys) {
    auto reader = open_reader(dir, keys);
    if (!reader) return base::pass(reader);
    const auto identity = followed_identity(*reader);
    if (!identity) return base::pass(identity);
    if (identity->empty()) return std::optional<LedgerInUse>{};
    base::Reader in(*identity);
    LedgerInUse out;
    out.chain_id = in.u64();
    out.consent_ledger.bytes = in.array<20>();
    if (!in.done()) return base::fail(base::Kind::corrupt, "the registry's note of its ledger has a wrong length");
    return std::optional(out);
}

base::Result<std::size_t> grants_elsewhere(const std::string& dir, store::KeyRing& keys, const ledger::Ledger& ledger) {
    auto reader = open_reader(dir, keys);
    if (!reader) return base::pass(reader);
    return grants_elsewhere(*reader, Follower::identity(ledger));
}

base::Result<std::unique_ptr<Registry>> make_registry(const RegistryOptions& options, store::Store& store, store::KeyRing& keys,
                                                      ledger::Ledger& ledger, outbox::Outbox& outbox, const base::Clock& clock) {
    auto reader = open_reader(options.dir, keys);
    if (!reader) return base::pass(reader);
    auto registry = std::make_unique<LedgerRegistry>(options, store, keys, ledger, outbox, clock, std::move(*reader));
    if (auto begun = registry->begin(); !begun) return base::pass(begun);
    return registry;
}

}  // namespace consent
