#include "anchoring/kedge_verify/options.hpp"

#include "anchoring/proof/checkpoint.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>
#include <map>

namespace kedge_verify {

const char* const kUsage =
    "kedge-verify [--key VKEY|FILE] [--ledger FILE] [--rpc URL] [--json] FILE...\n"
    "\n"
    "Checks what a kedge server handed out against its signed log and the ledger, without that server.\n"
    "\n"
    "  FILE              - a Bundle of AuditEvents with their proofs, or its entries one a line (NDJSON)\n"
    "                    - a proof (c2sp.org/tlog-proof@v1) with its event or write set inside, or followed by the AuditEvent (JSON)\n"
    "                    - Consent/{id}/$ledger-status, or a Consent as it was served\n"
    "                    - a consistency proof (\"old N\", hashes, checkpoint: the body of add-checkpoint, c2sp.org/tlog-witness)\n"
    "                    - \"-\": standard input\n"
    "  --key             the log's verifier key (name+id+base64), or a file that holds it; ask the operator for it by another\n"
    "                    way than the data. Without it only what the ledger covers is proven\n"
    "  --ledger          what the ledger holds, one JSON object a line: saved receipts, which are checked up to their block's\n"
    "                    hash, or records from somebody you trust (anchoring/FORMAT.md, section 9). --anchors is the same\n"
    "  --audit-anchor    the address of the AuditAnchor contract, and\n"
    "  --log-id          the log in it (32 bytes, hex): other contracts and logs do not count. Also from the operator\n"
    "  --consent-ledger  the address of the ConsentLedger contract\n"
    "  --rpc             an Ethereum node of your own: asks for the anchors, the consents in question, and what is finalized.\n"
    "                    Takes --audit-anchor with --log-id, or --consent-ledger. May be repeated\n"
    "  --ca-file         PEM: the authority that signed the certificate of an https node, besides the system's\n"
    "  --save            writes what the node said, as saved receipts for --ledger\n"
    "  --record          R:V:HASH: that version V of the record R (32 hex digits) has this ciphertext hash (SHA-256, hex)\n"
    "  --at              the time (2026-11-22T07:24:00Z) that a Consent's state is asked for; without it the claimed state is checked\n"
    "  --threads         how many; default: as many as there are processors\n"
    "  --quiet           only what is in doubt, and the sum\n"
    "  --json            one JSON object a line: for each thing that was checked, then the sum\n"
    "\n"
    "Says NONE, CHAINED, SIGNED, ANCHORED or FINAL. Exit: 0 all proven, 1 any doubt, 2 wrong usage.\n";

namespace {

using base::Kind;

base::Status bad(const std::string& name, const char* wants) {
    return base::fail(Kind::invalid, name + " takes " + wants);
}

base::Status take_address(const std::string& name, const std::string& value, std::optional<ethereum::Address>& out) {
    const auto address = ethereum::parse_address(value);
    if (!address) return bad(name, "an address: 0x and 40 hex digits");
    out = *address;
    return {};
}

base::Status take_record(const std::string& value, std::vector<RecordClaim>& out) {
    constexpr const char* kWants = "RECORD:VERSION:HASH, for example 00..ff:3:ab..cd with 32 and 64 hex digits";
    const auto one = value.find(':'), two = one == std::string::npos ? one : value.find(':', one + 1);
    if (two == std::string::npos) return bad("--record", kWants);
    const auto record = base::from_hex(value.substr(0, one)), hash = base::from_hex(value.substr(two + 1));
    const auto version = proof::parse_decimal(std::string_view(value).substr(one + 1, two - one - 1));
    RecordClaim claim;
    if (!record || record->size() != claim.record.size() || !hash || hash->size() != claim.ciphertext_hash.size() || !version ||
        *version > UINT32_MAX)
        return bad("--record", kWants);
    std::copy(record->begin(), record->end(), claim.record.begin());
    std::copy(hash->begin(), hash->end(), claim.ciphertext_hash.begin());
    claim.version = static_cast<std::uint32_t>(*version);
    out.push_back(claim);
    return {};
}

base::Status take_value(const std::string& name, const std::string& value, Options& out) {
    if (name == "--key") {
        out.key = value;
    } else if (name == "--ledger" || name == "--anchors") {
        out.ledger.push_back(value);
    } else if (name == "--rpc") {
        out.rpc.push_back(value);
    } else if (name == "--ca-file") {
        out.ca_file = value;
    } else if (name == "--save") {
        out.save = value;
    } else if (name == "--audit-anchor") {
        return take_address(name, value, out.pins.audit_anchor);
    } else if (name == "--consent-ledger") {
        return take_address(name, value, out.pins.consent_ledger);
    } else if (name == "--log-id") {
        const auto id = ethereum::parse_hash(value);
        if (!id) return bad(name, "32 bytes of hex");
        out.pins.log_id = *id;
    } else if (name == "--record") {
        return take_record(value, out.records);
    } else if (name == "--at") {
        const auto time = base::parse_datetime(value);
        if (!time) return bad(name, "a time, for example 2026-11-22T07:24:00Z");
        out.at = time->low;
    } else {
        const auto threads = proof::parse_decimal(value);
        if (!threads || *threads == 0 || *threads > 1024) return bad(name, "a number from 1 to 1024");
        out.threads = static_cast<unsigned>(*threads);
    }
    return {};
}

base::Status fits_together(const Options& options) {
    if (options.help) return {};
    if (options.files.empty()) return base::fail(Kind::invalid, "no file to check; see --help");
    if (!options.save.empty() && options.rpc.empty()) return base::fail(Kind::invalid, "--save writes what a node said: give --rpc too");
    if (!options.ca_file.empty() && options.rpc.empty()) return base::fail(Kind::invalid, "--ca-file is of an https node: give --rpc too");
    if (options.rpc.empty()) return {};
    if (!options.pins.any()) return base::fail(Kind::invalid, "--rpc: say which contract counts, --audit-anchor or --consent-ledger");
    if (options.pins.audit_anchor && !options.pins.log_id)
        return base::fail(Kind::invalid, "--rpc with --audit-anchor: say which log with --log-id");
    return {};
}

}  // namespace

base::Result<Options> parse_options(const std::vector<std::string>& arguments) {
    static const std::vector<std::string_view> kWithValue{"--key",    "--ledger",       "--anchors",        "--rpc",
                                                          "--save",   "--audit-anchor", "--consent-ledger", "--log-id",
                                                          "--record", "--at",           "--threads",        "--ca-file"};
    Options out;
    const std::map<std::string_view, bool*> switches{
        {"--json", &out.json}, {"--quiet", &out.quiet}, {"--help", &out.help}, {"-h", &out.help}};
    bool flags = true;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& a = arguments[i];
        if (!flags || a.size() < 2 || a[0] != '-') {
            out.files.push_back(a);
        } else if (a == "--") {
            flags = false;
        } else if (const auto at = switches.find(a); at != switches.end()) {
            *at->second = true;
        } else if (std::find(kWithValue.begin(), kWithValue.end(), a) == kWithValue.end()) {
            return base::fail(Kind::invalid, "there is no option " + a + "; see --help");
        } else if (i + 1 == arguments.size()) {
            return base::fail(Kind::invalid, a + " needs a value");
        } else if (auto taken = take_value(a, arguments[++i], out); !taken) {
            return base::pass(taken);
        }
    }
    if (auto good = fits_together(out); !good) return base::pass(good);
    return out;
}

}  // namespace kedge_verify
