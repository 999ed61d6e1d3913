// kedge-verify: see kUsage in options.cpp.
#include "anchoring/kedge_verify/input_file.hpp"
#include "anchoring/kedge_verify/ledger_lines.hpp"
#include "anchoring/kedge_verify/options.hpp"
#include "anchoring/kedge_verify/report.hpp"

#include <cstdio>
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
    return sum.good() ? kGood : kDoubt;
}
