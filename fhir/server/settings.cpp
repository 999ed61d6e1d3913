#include "fhir/server/settings.hpp"

#include <algorithm>
#include <charconv>

namespace server {
namespace {

using Field = Setting::Field;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kTebibyte = std::int64_t{1} << 40;

const std::vector<Setting>& table() {
    static const std::vector<Setting> all{
        {"data", "directory of the store, the audit log and the keys", [](Config& c) -> Field { return &c.data_dir; }},
        {"listen", "ADDR:PORT to serve on; beyond loopback TLS or behind_proxy is needed", [](Config& c) -> Field { return &c.listen; }},
        {"base_url", "public URL of the FHIR endpoint; empty: http(s)://LISTEN/fhir", [](Config& c) -> Field { return &c.base_url; }},
        {"tls.certificate", "PEM file with the certificate chain; needs tls.key", [](Config& c) -> Field { return &c.tls_certificate; }},
        {"tls.key", "PEM file with the private key, not encrypted", [](Config& c) -> Field { return &c.tls_key; }},
        {"behind_proxy", "a proxy in front terminates TLS: believe its X-Forwarded-For and X-Forwarded-Proto",
         [](Config& c) -> Field { return &c.behind_proxy; }},
        {"ledger", "embedded, or the JSON-RPC URL of an EVM node", [](Config& c) -> Field { return &c.ledger; }},
        {"chain.contracts", "file that names the chain and its contracts; empty: contracts.json in the data directory",
         [](Config& c) -> Field { return &c.chain.contracts; }},
        {"chain.witness", "URL of a second node that must tell the same as the first", [](Config& c) -> Field { return &c.chain.witness; }},
        {"chain.finality",
         "which block counts as final on the chain",
         [](Config& c) -> Field { return &c.chain.finality; },
         0,
         0,
         {"finalized", "safe", "latest"}},
        {"chain.confirmations", "with finality = latest: blocks on top until one counts as final",
         [](Config& c) -> Field { return &c.chain.confirmations; }, 0, 100'000},
        {"chain.grant_counts",
         "when a grant counts: in a final block, or in any",
         [](Config& c) -> Field { return &c.chain.grant_counts; },
         0,
         0,
         {"final", "mined"}},
        {"chain.stale_after_s", "s without an answer of the chain until only the own record is decided and all else denied",
         [](Config& c) -> Field { return &c.chain.stale_after_s; }, 5, 86'400},
        {"chain.keystore", "V3 key file of the key that pays for transactions; empty: one derived from the data directory's keys",
         [](Config& c) -> Field { return &c.chain.keystore; }},
        {"chain.passphrase_file", "file with the key file's passphrase; empty: the environment's KEDGE_LEDGER_PASSPHRASE",
         [](Config& c) -> Field { return &c.chain.passphrase_file; }},
        {"chain.header_file", "file with HTTP header lines for the node, such as Authorization: Bearer ...",
         [](Config& c) -> Field { return &c.chain.header_file; }},
        {"chain.ca_file", "PEM file of the authority that signed the node's certificate; empty: the system's",
         [](Config& c) -> Field { return &c.chain.ca_file; }},
        {"chain.timeout_ms", "ms to wait for one answer of the node", [](Config& c) -> Field { return &c.chain.timeout_ms; }, 100, 600'000},
        {"chain.resend_after_s", "s until a transaction that no block took is given to the node again",
         [](Config& c) -> Field { return &c.chain.resend_after_s; }, 1, 86'400},
        {"chain.bump_after_s", "s until the oldest one that no block took offers an eighth more",
         [](Config& c) -> Field { return &c.chain.bump_after_s; }, 1, 86'400},
        {"chain.most_fee_gwei", "gwei for a unit of gas that no transaction offers more than",
         [](Config& c) -> Field { return &c.chain.most_fee_gwei; }, 1, 1'000'000'000},
        {"validation",
         "of what is written: on refuses errors (422), warn only tells them, off looks at the JSON alone",
         [](Config& c) -> Field { return &c.validation; },
         0,
         0,
         {"on", "warn", "off"}},
        {"package", "FHIR packages (.tgz) whose profiles and terminology are known, separated by commas", [](Config& c) -> Field { return &c.package; }},
        {"consent.default_policy",
         "opt-in: without a Consent only the patient has access; opt-out: treatment too",
         [](Config& c) -> Field { return &c.consent.default_policy; },
         0,
         0,
         {"opt-in", "opt-out"}},
        {"consent.author_organization_access", "the organisation that wrote a record may use it for treatment without a Consent",
         [](Config& c) -> Field { return &c.consent.author_organization_access; }},
        {"audit.checkpoint_interval_ms", "ms until a new audit entry is under a signed checkpoint",
         [](Config& c) -> Field { return &c.audit.checkpoint_interval_ms; }, 10, kDayMs},
        {"audit.anchor_interval_s", "s between two anchors of the audit log on the ledger",
         [](Config& c) -> Field { return &c.audit.anchor_interval_s; }, 1, 31 * 86'400},
        {"audit.queue_limit", "audit entries waiting to be written; beyond it requests get 503",
         [](Config& c) -> Field { return &c.audit.queue_limit; }, 1, 10'000'000},
        {"page.size_default", "entries of a search page when _count is absent", [](Config& c) -> Field { return &c.page.size_default; }, 1,
         100'000},
        {"page.size_max", "largest _count", [](Config& c) -> Field { return &c.page.size_max; }, 1, 100'000},
        {"limits.header_bytes", "bytes of request line and header fields (431)", [](Config& c) -> Field { return &c.limits.header_bytes; },
         1024, 1 << 20},
        {"limits.header_fields", "header fields of a request (431)", [](Config& c) -> Field { return &c.limits.header_fields; }, 8, 10'000},
        {"limits.body_bytes", "bytes of one request's body (413)", [](Config& c) -> Field { return &c.limits.body_bytes; }, 1024,
         kTebibyte},
        {"limits.body_budget_bytes", "bytes of all bodies under way together (503)",
         [](Config& c) -> Field { return &c.limits.body_budget_bytes; }, 1024, kTebibyte},
        {"limits.connections", "open connections (503)", [](Config& c) -> Field { return &c.limits.connections; }, 1, 1'000'000},
        {"limits.linger_bytes", "bytes read over after a refusal", [](Config& c) -> Field { return &c.limits.linger_bytes; }, 0, kTebibyte},
        {"limits.header_timeout_ms", "ms for a whole header, and for the TLS handshake (408)",
         [](Config& c) -> Field { return &c.limits.header_timeout_ms; }, 10, kDayMs},
        {"limits.body_timeout_ms", "ms for a whole body (408)", [](Config& c) -> Field { return &c.limits.body_timeout_ms; }, 10, kDayMs},
        {"limits.idle_timeout_ms", "ms between two requests of a connection", [](Config& c) -> Field { return &c.limits.idle_timeout_ms; },
         10, kDayMs},
        {"limits.write_timeout_ms", "ms without the client taking a byte of its response",
         [](Config& c) -> Field { return &c.limits.write_timeout_ms; }, 10, kDayMs},
        {"limits.linger_timeout_ms", "ms of reading over after a refusal", [](Config& c) -> Field { return &c.limits.linger_timeout_ms; },
         0, kDayMs},
        {"limits.drain_timeout_ms", "ms for requests under way when the server stops",
         [](Config& c) -> Field { return &c.limits.drain_timeout_ms; }, 0, kDayMs},
        {"io_threads", "threads that read and write sockets; 0: one per hardware thread", [](Config& c) -> Field { return &c.io_threads; },
         0, 1024},
        {"log_level",
         "debug, info, warn or error",
         [](Config& c) -> Field { return &c.log_level; },
         0,
         0,
         {"debug", "info", "warn", "error"}},
    };
    return all;
}

base::Status wrong(const Setting& setting, const std::string& takes) {
    return base::fail(base::Kind::invalid, std::string(setting.key) + " takes " + takes);
}

base::Status set_text(const Setting& setting, std::string& field, std::string_view value) {
    if (!setting.words.empty() && std::find(setting.words.begin(), setting.words.end(), value) == setting.words.end()) {
        std::string choices;
        for (const auto word : setting.words) choices += (choices.empty() ? "" : " or ") + std::string(word);
        return wrong(setting, choices);
    }
    field = value;
    return {};
}

base::Status set_bool(const Setting& setting, bool& field, std::string_view value) {
    if (value != "true" && value != "false") return wrong(setting, "true or false");
    field = value == "true";
    return {};
}

template <class Number>
base::Status set_number(const Setting& setting, Number& field, std::string_view value) {
    static_assert(sizeof(Number) <= sizeof(std::int64_t));
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < setting.low || number > setting.high) {
        return wrong(setting, "a whole number from " + std::to_string(setting.low) + " to " + std::to_string(setting.high));
    }
    field = static_cast<Number>(number);
    return {};
}

}  // namespace

std::span<const Setting> settings() {
    return table();
}

const Setting* find_setting(std::string_view key) {
    const auto& all = table();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Setting& s) { return s.key == key; });
    return found == all.end() ? nullptr : &*found;
}

std::string Setting::flag() const {
    std::string out = "--" + std::string(key);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c == '.' || c == '_'; }, '-');
    return out;
}

bool Setting::is_flag() const {
    Config config;
    return std::holds_alternative<bool*>(field(config));
}

std::string Setting::default_text() const {
    Config config;
    const auto value = field(config);
    if (const auto* text = std::get_if<std::string*>(&value)) return **text;
    if (const auto* flag = std::get_if<bool*>(&value)) return **flag ? "true" : "false";
    if (const auto* number = std::get_if<int*>(&value)) return std::to_string(**number);
    return std::to_string(*std::get<std::size_t*>(value));
}

base::Status Setting::set(Config& config, std::string_view value) const {
    const auto target = field(config);
    if (const auto* text = std::get_if<std::string*>(&target)) return set_text(*this, **text, value);
    if (const auto* flag = std::get_if<bool*>(&target)) return set_bool(*this, **flag, value);
    if (const auto* number = std::get_if<int*>(&target)) return set_number(*this, **number, value);
    return set_number(*this, *std::get<std::size_t*>(target), value);
}

}  // namespace server
