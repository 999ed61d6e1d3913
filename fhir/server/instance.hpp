// One kedge: everything a server or an offline tool stands on, opened in layer order and closed in reverse.
#pragma once

#include "anchoring/anchor/anchorer.hpp"
#include "anchoring/ledger/block_store_sqlite.hpp"
#include "anchoring/ledger/embedded.hpp"
#include "anchoring/ledger/evm.hpp"
#include "anchoring/outbox/outbox.hpp"
#include "consent/registry/make_registry.hpp"
#include "fhir/auth/authenticator.hpp"
#include "fhir/auth/issuer.hpp"
#include "fhir/rest/knowledge.hpp"
#include "fhir/rest/refusals.hpp"
#include "fhir/rest/services.hpp"
#include "fhir/rest/worker_pool.hpp"
#include "fhir/server/config.hpp"

#include <memory>
#include <string>

namespace server {

// An EVM chain in place of the embedded ledger.
struct ChainOptions {
    ledger::EvmOptions evm;
    Config::Chain chain;
};

struct InstanceOptions {
    std::string data_dir;
    rest::Settings settings;
    std::string origin = "kedge.local/audit";  // of the audit log, C2SP tlog-checkpoint
    int checkpoint_ms = 1000;
    int anchor_interval_s = 600;
    std::size_t audit_queue = 65536;
    std::size_t workers = 2;
    std::optional<ChainOptions> chain;  // nothing: the embedded ledger
    bool moving = false;                // kedge ledger migrate: Consents may stand on another ledger than the one that is opened
    std::vector<std::string> packages;  // FHIR packages (.tgz) whose profiles and terminology are known
    bool offline = false;  // for tools: nothing runs in the background
    // For the tool that mends the search index: keys, records and audit chain are opened, and everything after them, which needs the index,
    // stays null.
    bool only_storage = false;
};

// Members stand in the order they are opened; none has behaviour of its own. Pointers are never null after open() unless they say so, or
// only_storage does.
struct Instance {
    std::string data_dir;
    base::SystemClock clock;
    std::unique_ptr<store::KeyRing> keys;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<chain::AuditLog> log;
    std::unique_ptr<ledger::SqliteBlockStore> blocks;  // of the embedded ledger, else null
    std::unique_ptr<ledger::Ledger> ledger;
    ledger::Embedded* embedded = nullptr;  // the ledger when it is this one
    std::unique_ptr<outbox::Outbox> outbox;
    std::unique_ptr<consent::Registry> registry;
    std::unique_ptr<anchor::Anchorer> anchorer;
    std::unique_ptr<auth::Issuer> issuer;
    std::unique_ptr<auth::Authenticator> authenticator;
    std::unique_ptr<rest::RefusalCounter> refusals;
    std::unique_ptr<rest::WorkerPool> workers;
    std::unique_ptr<rest::Knowledge> knowledge;
    std::unique_ptr<rest::Services> services;

    // Opens all of it and brings it into step: journal entries that the log lacks are appended, the last anchored head is compared with
    // the local tree, the outbox and the follower start. Errors: Kind::not_found without keys (`kedge keys init`), Kind::conflict when
    // another process holds the directory, Kind::corrupt when something stored does not hold; then no traffic may be taken.
    static base::Result<std::unique_ptr<Instance>> open(const InstanceOptions& options);

    // Refusal summaries, outbox, anchor, checkpoint, store; in this order. For SIGTERM; answers must have stopped before.
    base::Status drain();
    ~Instance();
};

// Reads the files that a chain's settings name. Errors: those of chain.hpp.
base::Result<InstanceOptions> instance_options(const Config& config);

// Where things rest below the data directory.
std::string keys_dir(const std::string& data_dir);
std::string audit_dir(const std::string& data_dir);
std::string ledger_file(const std::string& data_dir);
std::string anchors_file(const std::string& data_dir);
inline constexpr const char* kRevokedTokensFile = "/revoked-tokens";  // below the data directory

// The local issuer over these keys. `name` stands in iss and aud: tokens of one data directory do not open another's.
base::Result<auth::Issuer> make_issuer(const store::KeyRing& keys, const base::Clock& clock);

}  // namespace server
