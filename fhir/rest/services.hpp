// What the interactions stand on: owned by fhir/server, in layer order; no behaviour of its own.
#pragma once

#include <functional>
#include <string>

#include "anchoring/chain/audit_log.hpp"
#include "anchoring/proof/anchor_record.hpp"
#include "consent/decide/decide.hpp"
#include "consent/registry/registry.hpp"
#include "fhir/auth/authenticator.hpp"
#include "storage/base/clock.hpp"
#include "storage/base/json.hpp"
#include "storage/store/store.hpp"

namespace rest {

class Knowledge;
class RefusalCounter;

// Behaviour, with its defaults; fhir/server/config.hpp says where each comes from.
enum class Validation : std::uint8_t {
    off,   // a write must be readable JSON of its type, no more
    warn,  // what validation finds is told to who asks (Prefer: return=OperationOutcome), and refuses nothing
    on,    // errors refuse the write with 422
};

struct Settings {
    std::string base_url = "http://127.0.0.1:8080/fhir";  // absolute, no slash at the end; stands in Location, links and fullUrl
    std::string base_path = "/fhir";                      // where the FHIR API hangs in the URL space
    std::string software_version;
    std::size_t page_default = 50;       // entries
    std::size_t page_max = 1000;         // entries; a larger _count is answered with this many, and the self link says so
    std::size_t bundle_entries = 10000;  // of a batch or transaction
    json::Limits json;
    consent::Policy consent;
    Validation validation = Validation::on;
};

struct Services {
    store::Store& store;
    store::KeyRing& keys;
    chain::AuditLog& log;
    consent::Registry& registry;
    auth::Authenticator& auth;
    RefusalCounter& refusals;
    const base::Clock& clock;
    Settings settings;
    crypto::Key page_key;                                   // seals paging links
    std::function<void(std::function<void()>)> run_later;   // a worker pool: searches and bundles do not hold up an IO thread
    // The oldest anchor on the ledger that covers a tree of this size, if there is one.
    std::function<std::optional<proof::AnchorRecord>(std::uint64_t size)> anchor_covering;
    std::function<std::string()> smart_configuration;       // JSON text, from fhir/auth's issuer
    std::function<std::string()> anchor_lines;              // all anchors on the ledger, a JSON object a line; empty: none
    Knowledge* knowledge = nullptr;                         // of profiles and terminology; nullptr: R4's own alone
};

}  // namespace rest
