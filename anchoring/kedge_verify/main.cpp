// kedge-verify: see kUsage in options.cpp.
#include "anchoring/kedge_verify/options.hpp"
#include "anchoring/kedge_verify/report.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

namespace {

constexpr int kGood = 0, kDoubt = 1, kWrongUsage = 2;

std::optional<std::string> read_file(const std::string& path) {
    if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

int wrong(const std::string& sentence) {
    std::fprintf(stderr, "kedge-verify: %s\n", sentence.c_str());
    return kWrongUsage;
}

base::Result<std::optional<proof::VerifierKey>> key_of(const std::string& given) {
    if (given.empty()) return std::nullopt;
    auto text = read_file(given).value_or(given);
    while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' ')) text.pop_back();
    auto key = proof::VerifierKey::parse(text);
    if (!key) return base::pass(key);
    return *key;
}

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace kedge_verify;
    const auto options = parse_options({argv + 1, argv + argc});
    if (!options) return wrong(options.error().diagnostics);
    if (options->help) {
        print(kUsage);
        return kGood;
    }
    const auto key = key_of(options->key);
    if (!key) return wrong("--key: neither a file nor a verifier key: " + key.error().diagnostics);
    std::vector<proof::AnchorRecord> anchors;
    if (!options->anchors.empty()) {
        const auto text = read_file(options->anchors);
        if (!text) return wrong("--anchors: " + options->anchors + " cannot be read");
        auto parsed = proof::AnchorRecord::parse_lines(*text);
        if (!parsed) return wrong("--anchors: " + parsed.error().diagnostics);
        anchors = std::move(*parsed);
    }
    Audit audit(*key, std::move(anchors), [&](const Line& line) { print(options->json ? line_json(line) : line_text(line)); });
    for (const auto& file : options->files) {
        const auto content = read_file(file);
        if (!content) return wrong(file + " cannot be read");
        audit.add(file, *content);
    }
    const auto sum = audit.finish();
    print(options->json ? sum_json(sum) : sum_text(sum));
    return sum.good() ? kGood : kDoubt;
}
