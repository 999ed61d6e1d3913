// Everything an operator can set, in one place: the file (--config), the flags of `kedge serve` and the documentation all
// come from the table in settings.cpp, so that none of them can know a setting the others do not.
#pragma once

#include "fhir/server/limits.hpp"
#include "storage/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace server {

struct Config {
    // What the server is and does.
    std::string data_dir = "kedge-data";    // directory of the store, the audit log and the keys
    std::string listen = "127.0.0.1:8080";  // ADDR:PORT, IPv6 as [::1]:8080
    std::string base_url;                   // public URL of the FHIR endpoint, no slash at the end; empty: from listen
    std::string tls_certificate;            // PEM chain; with tls_key: serve HTTPS
    std::string tls_key;                    // PEM
    bool behind_proxy = false;              // a proxy terminates TLS: believe its X-Forwarded-* and allow plain HTTP
    std::string ledger = "embedded";        // or the JSON-RPC URL of an EVM node

    // Of an EVM node (with ledger = URL); the embedded ledger asks for none of it.
    struct Chain {
        std::string contracts;             // file that kedge contracts deploy wrote; empty: contracts.json in data_dir
        std::string witness;               // URL of a second node that must tell the same
        std::string finality = "finalized";  // what no reorganisation takes back: finalized, safe, or so many blocks below latest
        int confirmations = 12;            // with finality = latest: how many blocks
        std::string grant_counts = "final";  // when a grant counts: final, or mined
        int stale_after_s = 120;           // mirror older than this: only the own record is decided, all else denies
        std::string keystore;              // V3 key file of the relayer; empty: a key derived from the data directory's keys
        std::string passphrase_file;       // of the key file; empty: the environment's KEDGE_LEDGER_PASSPHRASE
        std::string header_file;           // HTTP header lines for the node, such as Authorization: Bearer ...
        std::string ca_file;               // PEM of the authority that signed the node's certificate; empty: the system's
        int timeout_ms = 2500;             // for one answer of the node; a stop may wait for three of them
        int resend_after_s = 60;           // until a transaction that no block took is given to the node again
        int bump_after_s = 180;            // until the oldest of those offers an eighth more
        int most_fee_gwei = 1000;          // and never more than this for a unit of gas
    } chain;

    std::string validation = "on";          // on: errors refuse a write; warn: they are only told; off
    std::string package;                    // FHIR packages (.tgz) whose profiles and terminology are known, separated by commas

    struct Consent {
        std::string default_policy = "opt-in";   // opt-in: without a Consent nobody but the patient; opt-out: treatment
        bool author_organization_access = true;  // the organisation that wrote a record may treat with it without a Consent
    } consent;

    struct Audit {
        int checkpoint_interval_ms = 1000;  // at most this long until a new entry is under a signed checkpoint
        int anchor_interval_s = 600;        // between two anchors on the ledger
        std::size_t queue_limit = 65536;    // entries waiting for the log; beyond: 503
    } audit;

    struct Page {
        int size_default = 50;  // entries of a search page when _count is absent
        int size_max = 1000;    // what _count may ask for
    } page;

    Limits limits;

    // How fast, with no change in what it does.
    int io_threads = 0;       // 0: one per hardware thread

    std::string log_level = "info";  // debug, info, warn, error
};

struct Listen {
    std::string address;  // literal, without brackets
    std::uint16_t port = 0;
    bool loopback = false;
};

// Error: Kind::invalid when it is not ADDR:PORT with an IP literal (the name localhost stands for 127.0.0.1).
base::Result<Listen> parse_listen(std::string_view text);

// Sets one setting by its key ("limits.header_bytes"). Error: Kind::invalid for an unknown key or a value of the wrong
// type or outside its range; the diagnostics name the key and what it takes.
base::Status set(Config& config, std::string_view key, std::string_view value);

// Applies a TOML file. Errors: Kind::not_found when it cannot be read; Kind::invalid for broken TOML, an unknown key, a
// wrong type or range; the diagnostics name the file, the line and the key.
base::Status apply_file(Config& config, const std::string& path);
base::Status apply_toml(Config& config, std::string_view text, std::string_view name);

// What no single setting shows: TLS files come in pairs, listening beyond loopback needs TLS or behind_proxy, a page's
// default is at most its maximum. Error: Kind::invalid with a sentence that says what to do.
base::Status check(const Config& config);

// base_url, or http(s)://listen/fhir when it is empty. `config` has passed check().
std::string public_base_url(const Config& config);

// The file, then the overrides in their order, then check().
base::Result<Config> load_config(const std::string& path, const std::vector<std::pair<std::string, std::string>>& overrides);

}  // namespace server
