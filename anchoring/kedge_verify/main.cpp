// kedge-verify: see kUsage in options.cpp.
#include "anchoring/ethereum/rpc_client.hpp"
#include "anchoring/kedge_verify/input_file.hpp"
#include "anchoring/kedge_verify/ledger_lines.hpp"
#include "anchoring/kedge_verify/node.hpp"
#include "anchoring/kedge_verify/options.hpp"
#include "anchoring/kedge_verify/report.hpp"

#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

namespace {

using namespace kedge_verify;

constexpr int kGood = 0, kDoubt = 1, kWrongUsage = 2;

int wrong(const std::string& sentence) {
    std::fprintf(stderr, "kedge-verify: %s\n", sentence.c_str());
    return kWrongUsage;
}

base::Result<std::optional<proof::VerifierKey>> key_of(const std::string& given) {
    if (given.empty()) return std::nullopt;
    const auto file = InputFile::open(given);
    std::string text(file ? file->text() : std::string_view(given));
    while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' ')) text.pop_back();
    auto key = proof::VerifierKey::parse(text);
    if (!key) return base::pass(key);
    return *key;
}

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

// Everything that does not come from the server. `doubts`: what of it does not hold.
base::Result<Evidence> gather(const Options& options, std::vector<std::string>& doubts) {
    Evidence out;
    const auto key = key_of(options.key);
    if (!key) return base::fail(base::Kind::invalid, "--key: neither a file nor a verifier key: " + key.error().diagnostics);
    out.key = *key;
    out.records = options.records;
    out.at = options.at;
    for (const auto& path : options.ledger) {
        const auto file = InputFile::open(path);
        if (!file) return base::fail(base::Kind::invalid, "--ledger: " + file.error().diagnostics);
        const auto read = read_ledger_lines(file->text(), options.pins, out, doubts);
        if (!read) return base::fail(base::Kind::invalid, "--ledger: " + path + ", " + read.error().diagnostics);
    }
    return out;
}

int failed(const std::string& what, const base::Error& error) {
    std::fprintf(stderr, "kedge-verify: %s: %s\n", what.c_str(), error.diagnostics.c_str());
    return kDoubt;
}

// A node and what it is asked for. Consents are asked for when a file speaks of them.
struct Asked {
    std::unique_ptr<ethereum::RpcClient> client;
    std::unique_ptr<Node> node;
    std::set<proof::Digest> consents;
};
base::Status ask_node(const Options& options, Asked& asked, Evidence& out) {
    ethereum::RpcOptions rpc;
    rpc.urls = options.rpc;
    rpc.ca_file = options.ca_file;
    auto client = ethereum::RpcClient::open(std::move(rpc));
    if (!client) return base::pass(client);
    asked.client = std::move(*client);
    asked.node = std::make_unique<Node>(
        [&asked](std::string_view method, json::Array params) { return asked.client->call(method, std::move(params)); }, options.pins);
    if (auto begun = asked.node->begin(); !begun) return begun;
    if (options.pins.audit_anchor) {
        if (auto found = asked.node->anchors(out); !found) return found;
    }
    if (options.pins.consent_ledger) {
        out.look_up = [&asked](const proof::Digest& id, Evidence& evidence) -> base::Status {
            return asked.consents.insert(id).second ? asked.node->consent(id, evidence) : base::Status();
        };
    }
    out.trusted.push_back(asked.node->summary());
    return {};
}

base::Status save(const std::string& path, Node& node) {
    const auto lines = node.save();
    if (!lines) return base::pass(lines);
    std::ofstream file(path, std::ios::binary);
    file << *lines;
    file.close();
    if (!file) return base::fail(base::Kind::fault, path + " cannot be written");
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const auto options = parse_options({argv + 1, argv + argc});
    if (!options) return wrong(options.error().diagnostics);
    if (options->help) {
        print(kUsage);
        return kGood;
    }
    std::vector<std::string> doubts;
    auto evidence = gather(*options, doubts);
    if (!evidence) return wrong(evidence.error().diagnostics);
    Asked asked;
    if (!options->rpc.empty()) {
        if (const auto answered = ask_node(*options, asked, *evidence); !answered) return failed("--rpc", answered.error());
    }
    const auto each = [&](const Line& line) {
        if (!options->quiet || !line.verdict.proven) print(options->json ? line_json(line) : line_text(line));
    };
    const unsigned threads = options->threads != 0 ? options->threads : std::thread::hardware_concurrency();
    Audit audit(std::move(*evidence), each, threads);
    for (const auto& path : options->files) {
        const auto file = InputFile::open(path);
        if (!file) return wrong(file.error().diagnostics);
        audit.add(path, file->text());
    }
    auto sum = audit.finish();
    sum.doubts.insert(sum.doubts.begin(), doubts.begin(), doubts.end());
    print(options->json ? sum_json(sum) : sum_text(sum));
    if (!options->save.empty()) {
        if (const auto saved = save(options->save, *asked.node); !saved) return failed("--save", saved.error());
    }
    return sum.good() ? kGood : kDoubt;
}
