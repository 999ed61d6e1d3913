#include "fhir/server/chain.hpp"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "anchoring/keystore/keystore.hpp"
#include "fhir/server/words.hpp"
#include "storage/base/file.hpp"
#include "storage/base/json.hpp"

namespace server {
namespace {

using base::Kind;

base::Result<std::string> read_text(const std::string& path, const std::string& what) {
    auto text = base::read_file(path);
    if (text) return text;
    return base::fail(text.error().kind, what + ": " + text.error().diagnostics);
}

std::string trimmed(const std::string& text) {
    const auto from = text.find_first_not_of(" \t\r\n");
    return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

base::Status add_headers(const std::string& path, ethereum::RpcOptions& out) {
    const auto text = read_text(path, "the header file");
    if (!text) return base::pass(text);
    std::istringstream lines(*text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (trimmed(line).empty() || line.front() == '#') continue;
        const auto colon = line.find(':');
        const auto name = trimmed(line.substr(0, colon));
        if (colon == std::string::npos || name.empty() || name.find(' ') != std::string::npos)
            return base::fail(Kind::invalid, path + " line " + std::to_string(number) + " is no header: write Name: value");
        out.headers.emplace_back(name, trimmed(line.substr(colon + 1)));
    }
    return {};
}

std::uint64_t number_of(const json::Value& object, std::string_view key) {
    const auto* value = object.find(key);
    const auto* number = value == nullptr ? nullptr : value->if_number();
    std::uint64_t out = 0;
    if (number != nullptr) std::from_chars(number->text.data(), number->text.data() + number->text.size(), out);
    return out;
}

}  // namespace

std::string chain_file(const Config& config) {
    return config.chain.contracts.empty() ? config.data_dir + "/contracts.json" : config.chain.contracts;
}

base::Result<ChainFile> read_chain_file(const std::string& path) {
    if (!std::filesystem::exists(path))
        return base::fail(Kind::not_found, path + " is not there: make the contracts with `kedge contracts deploy --rpc URL`, or name the file with --chain-contracts");
    const auto text = read_text(path, "the contracts' file");
    if (!text) return base::pass(text);
    const auto tree = json::parse(*text);
    if (!tree) return base::fail(Kind::invalid, path + ": " + tree.error().diagnostics);
    ChainFile out;
    out.chain_id = number_of(*tree, "chainId");
    out.block = number_of(*tree, "block");
    const auto consent = ethereum::parse_address(tree->text("consentLedger")), anchor = ethereum::parse_address(tree->text("auditAnchor"));
    if (out.chain_id == 0 || !consent || !anchor)
        return base::fail(Kind::invalid, path + " must hold chainId (a number) and the addresses consentLedger and auditAnchor");
    out.contracts = {*consent, *anchor};
    return out;
}

base::Status write_chain_file(const std::string& path, const ChainFile& file) {
    if (std::filesystem::exists(path)) {
        const auto known = read_chain_file(path);
        if (known && *known == file) return {};
        return base::fail(Kind::conflict, path + " is there already; move it away first, or name another file with --out");
    }
    json::Object out;
    out.set("chainId", json::Value::number(static_cast<std::int64_t>(file.chain_id)));
    out.set("consentLedger", ethereum::to_text(file.contracts.consent_ledger));
    out.set("auditAnchor", ethereum::to_text(file.contracts.audit_anchor));
    out.set("block", json::Value::number(static_cast<std::int64_t>(file.block)));
    std::ofstream stream(path, std::ios::binary);
    stream << json::write_pretty(json::Value(std::move(out))) << '\n';
    stream.close();
    if (!stream) return base::fail(Kind::fault, path + " cannot be written");
    return {};
}

base::Result<ethereum::RpcOptions> rpc_options(const Config& config, const std::string& urls) {
    ethereum::RpcOptions out;
    out.urls = words(urls);
    out.timeout_ms = config.chain.timeout_ms;
    // Outbox, follower and anchorer ask again by themselves; a question that is repeated here would only hold up a stop.
    out.attempts = 1;
    out.ca_file = config.chain.ca_file;
    if (!config.chain.header_file.empty()) {
        if (auto added = add_headers(config.chain.header_file, out); !added) return base::pass(added);
    }
    return out;
}

base::Result<std::string> keyfile_passphrase(const Config::Chain& chain) {
    if (chain.passphrase_file.empty()) {
        const char* text = std::getenv("KEDGE_LEDGER_PASSPHRASE");
        if (text == nullptr)
            return base::fail(Kind::invalid, "the key file needs a passphrase: name a file with --chain-passphrase-file, or set KEDGE_LEDGER_PASSPHRASE");
        return std::string(text);
    }
    auto text = read_text(chain.passphrase_file, "the passphrase file");
    if (!text) return text;
    // Editors end a file with a line break; no passphrase does.
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
    return text;
}

base::Result<ethereum::Signer> relayer_signer(const Config::Chain& chain, base::ByteView derived) {
    if (chain.keystore.empty()) return ethereum::Signer::from_secret(derived);
    const auto text = read_text(chain.keystore, "the key file");
    if (!text) return base::pass(text);
    auto phrase = keyfile_passphrase(chain);
    if (!phrase) return base::pass(phrase);
    auto signer = keystore::open(*text, *phrase);
    base::wipe({reinterpret_cast<std::uint8_t*>(phrase->data()), phrase->size()});
    if (!signer) return base::fail(signer.error().kind, chain.keystore + ": " + signer.error().diagnostics);
    return signer;
}

}  // namespace server
