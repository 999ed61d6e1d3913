#include "anchoring/kedge_verify/audit.hpp"

#include "anchoring/chain/proofs.hpp"
#include "anchoring/kedge_verify/options.hpp"
#include "anchoring/kedge_verify/report.hpp"
#include "tests/anchoring/chain/fixture.hpp"

#include <chrono>

#include <sys/wait.h>

namespace {

using namespace chain_test;
using base::Kind;

// A log of 12 events and the Bundle that a server makes of them.
struct Auditor : Fixture {
    proof::VerifierKey key;
    Auditor() {
        fill(0, 12);
        key = *proof::VerifierKey::parse(log->verifier_key());
    }
    json::Value entry(std::uint64_t seq, bool with_event = false) {
        const auto proof = chain::proof_of(*log, seq, with_event, std::nullopt)->text();
        json::Object extension, out;
        extension.set("url", kedge_verify::kProofUrl);
        extension.set("valueBase64Binary", base::to_base64(base::as_bytes(proof)));
        out.set("extension", json::Array{std::move(extension)});
        out.set("resource", *json::parse(log->event(seq)->content));
        return out;
    }
    json::Value bundle(std::vector<std::uint64_t> seqs, std::optional<std::pair<std::uint64_t, std::uint64_t>> claim = {}) {
        json::Object out;
        out.set("resourceType", "Bundle");
        if (claim) {
            const auto range =
                R"({"extension":[{"url":"http://kedge.dev/fhir/StructureDefinition/audit-range","valueRange":{"low":{"value":)" +
                std::to_string(claim->first) + R"(},"high":{"value":)" + std::to_string(claim->second) + "}}}]}";
            out.set("meta", *json::parse(range));
        }
        json::Array entries;
        for (const auto seq : seqs) entries.push_back(entry(seq));
        out.set("entry", std::move(entries));
        return out;
    }
    kedge_verify::Sum audit(const std::vector<std::string>& files, std::vector<kedge_verify::Line>* lines = nullptr) {
        kedge_verify::Audit audit(key, {}, [&](const kedge_verify::Line& line) {
            if (lines != nullptr) lines->push_back(line);
        });
        int number = 0;
        for (const auto& file : files) audit.add("file" + std::to_string(number++), file);
        return audit.finish();
    }
};

TEST(KedgeVerify, AWholeBundleIsProven) {
    Auditor a;
    std::vector<kedge_verify::Line> lines;
    // Pretty-printed and newest first: what is committed to is the canonical form, and both directions are an order.
    const auto sum = a.audit({json::write_pretty(a.bundle({11, 10, 9, 8, 7, 6}, std::pair(6, 11)))}, &lines);
    EXPECT_TRUE(sum.good()) << kedge_verify::sum_text(sum);
    EXPECT_EQ(sum.proven, 6u);
    ASSERT_EQ(lines.size(), 6u);
    EXPECT_EQ(lines[0].id, "e11");
    EXPECT_TRUE(kedge_verify::line_text(lines[0]).starts_with("SIGNED   AuditEvent/e11 of 20"));
    const auto printed = json::parse(kedge_verify::line_json(lines[0]));
    ASSERT_TRUE(printed.has_value());
    EXPECT_EQ(printed->text("tier"), "SIGNED");
    EXPECT_EQ(kedge_verify::sum_text(sum), "6 of 6 events proven: nothing is in doubt\n");
}

TEST(KedgeVerify, NamesTheEventThatWasChanged) {
    Auditor a;
    auto bundle = a.bundle({3, 4, 5});
    auto* entries = bundle.find("entry")->if_array();
    ASSERT_NE(entries, nullptr);
    (*entries)[1].find("resource")->find("recorded")->if_string()->back() = 'X';
    std::vector<kedge_verify::Line> lines;
    const auto sum = a.audit({json::write(bundle)}, &lines);
    EXPECT_FALSE(sum.good());
    EXPECT_EQ(sum.proven, 2u);
    EXPECT_TRUE(lines[0].verdict.proven);
    EXPECT_EQ(lines[1].id, "e4");
    EXPECT_EQ(lines[1].verdict.sentence, "entry 4: the event was changed; it does not match the commitment in the log");
    EXPECT_TRUE(kedge_verify::line_text(lines[1]).starts_with("DOUBT    AuditEvent/e4"));
}

TEST(KedgeVerify, GapsRepeatsOrderAndMissingProofs) {
    Auditor a;
    auto sum = a.audit({json::write(a.bundle({2, 3, 5, 8}, std::pair(1, 9)))});
    EXPECT_EQ(sum.doubts,
              (std::vector<std::string>{"entry 1 is missing: the Bundle claims 1..9", "entry 4 is missing: the Bundle claims 1..9",
                                        "entries 6..7 are missing: the Bundle claims 1..9", "entry 9 is missing: the Bundle claims 1..9"}));
    EXPECT_TRUE(a.audit({json::write(a.bundle({2, 5, 9}))}).good()) << "without a claim a search result may have gaps";
    sum = a.audit({json::write(a.bundle({2, 3, 3}))});
    EXPECT_EQ(sum.doubts.front(), "entry 3 is here twice");
    sum = a.audit({json::write(a.bundle({2, 4, 3}))});
    EXPECT_EQ(sum.doubts, std::vector<std::string>{"the entries stand neither from old to new nor from new to old"});
    auto bare = a.entry(2);
    json::Object stripped;
    stripped.set("resource", *bare.find("resource"));
    json::Object bundle;
    bundle.set("resourceType", "Bundle");
    bundle.set("entry", json::Array{stripped});
    std::vector<kedge_verify::Line> lines;
    EXPECT_FALSE(a.audit({json::write(bundle)}, &lines).good());
    EXPECT_EQ(lines.front().verdict.sentence, "it carries no proof");
    EXPECT_FALSE(a.audit({R"({"resourceType":"Bundle"})"}).good()) << "nothing to check proves nothing";
    EXPECT_FALSE(a.audit({"{"}).good());
    EXPECT_FALSE(a.audit({R"({"resourceType":"Patient"})"}).good());
    EXPECT_FALSE(a.audit({a.log->event(0)->content}).good()) << "an event without its proof";
    bundle.set("meta", *json::parse(R"({"extension":[{"url":"http://kedge.dev/fhir/StructureDefinition/audit-range","valueRange":{}}]})"));
    EXPECT_EQ(a.audit({json::write(bundle)}).doubts.front(), "the Bundle's audit-range cannot be read");
}

TEST(KedgeVerify, AProofWithItsEventInsideOrInTheNextFile) {
    Auditor a;
    EXPECT_TRUE(a.audit({chain::proof_of(*a.log, 7, true, std::nullopt)->text()}).good());
    const auto bare = chain::proof_of(*a.log, 7, false, std::nullopt)->text();
    EXPECT_TRUE(a.audit({bare, a.log->event(7)->content + "\n"}).good());
    EXPECT_FALSE(a.audit({bare, a.log->event(8)->content}).good());
    EXPECT_FALSE(a.audit({bare}).good());
    EXPECT_FALSE(a.audit({bare, bare}).good());
}

TEST(KedgeVerify, AnErasedEventIsProvenOnlyAsErased) {
    Auditor a;
    ASSERT_TRUE(a.keys->erase_patient("1", true, {}).has_value());
    const auto proof = chain::proof_of(*a.log, 3, false, std::nullopt)->text();
    json::Object extension, entry, bundle;
    extension.set("url", kedge_verify::kProofUrl);
    extension.set("valueBase64Binary", base::to_base64(base::as_bytes(proof)));
    entry.set("extension", json::Array{extension});
    bundle.set("resourceType", "Bundle");
    entry.set("resource",
              *json::parse(R"({"resourceType":"AuditEvent","id":"e3","outcomeDesc":"The content was erased: the key is gone."})"));
    bundle.set("entry", json::Array{entry});
    const auto sum = a.audit({json::write(bundle)});
    EXPECT_TRUE(sum.good());
    EXPECT_EQ(sum.erased, 1u);
    EXPECT_EQ(kedge_verify::sum_text(sum), "1 of 1 events proven, 1 of them erased: nothing is in doubt\n");
    // A server cannot pass an invented event off as erased by leaving the salt out.
    entry.set("resource", *json::parse(audit_event("e3", "someone-else")));
    bundle.set("entry", json::Array{entry});
    EXPECT_FALSE(a.audit({json::write(bundle)}).good());
}

TEST(KedgeVerify, Options) {
    const auto good = kedge_verify::parse_options({"--key", "K", "--json", "a", "--", "-b"});
    ASSERT_TRUE(good.has_value());
    EXPECT_EQ(good->key, "K");
    EXPECT_TRUE(good->json);
    EXPECT_EQ(good->files, (std::vector<std::string>{"a", "-b"}));
    EXPECT_TRUE(kedge_verify::parse_options({"--help"})->help);
    for (const auto& bad : {std::vector<std::string>{},
                            {"--key"},
                            {"a", "--anchors"},
                            {"--rpc", "http://x", "a"},
                            {"-x", "a"},
                            {"--rpc", "http://x", "--audit-anchor", std::string("0x") + std::string(40, '1'), "a"},
                            {"--save", "f", "a"},
                            {"--log-id", "0x12", "a"},
                            {"--audit-anchor", "0x12", "a"},
                            {"--at", "noon", "a"},
                            {"--threads", "0", "a"},
                            {"--threads", "x", "a"},
                            {"--record", "a:1:b", "a"},
                            {"--record", std::string(32, 'a') + ":x:" + std::string(64, 'b'), "a"}}) {
        EXPECT_EQ(kedge_verify::parse_options(bad).error().kind, Kind::invalid);
    }
    EXPECT_TRUE(kedge_verify::parse_options({"-"}).has_value()) << "standard input";
    const auto all = kedge_verify::parse_options({"--rpc",
                                                  "http://x",
                                                  "--rpc",
                                                  "http://y",
                                                  "--audit-anchor",
                                                  std::string("0x") + std::string(40, '1'),
                                                  "--log-id",
                                                  std::string(64, '2'),
                                                  "--consent-ledger",
                                                  std::string("0x") + std::string(40, '3'),
                                                  "--record",
                                                  std::string(32, 'a') + ":7:" + std::string(64, 'b'),
                                                  "--at",
                                                  "2026-11-22T07:24:00Z",
                                                  "--threads",
                                                  "3",
                                                  "--quiet",
                                                  "--anchors",
                                                  "f",
                                                  "--ledger",
                                                  "g",
                                                  "a"});
    ASSERT_TRUE(all.has_value()) << all.error().diagnostics;
    EXPECT_EQ(all->rpc.size(), 2u);
    EXPECT_EQ(all->ledger, (std::vector<std::string>{"f", "g"}));
    EXPECT_EQ(all->records.at(0).version, 7u);
    EXPECT_EQ(all->threads, 3u);
    EXPECT_EQ(base::format_instant(*all->at), "2026-11-22T07:24:00.000Z");
    EXPECT_TRUE(all->pins.audit_anchor && all->pins.log_id && all->pins.consent_ledger);
}

int run(const std::string& arguments) {
    const auto status = std::system((std::string(KEDGE_VERIFY_PROGRAM) + " " + arguments + " >/dev/null 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(KedgeVerify, TheProgramsExitCodes) {
    Auditor a;
    const auto file = [&](const std::string& name, const std::string& content) {
        const auto path = a.dir.string() + "/" + name;
        support::write_file(path, content);
        return path;
    };
    const auto good = file("good.json", json::write(a.bundle({0, 1, 2})));
    auto text = json::write(a.bundle({0, 1, 2}));
    text.replace(text.find("10.1.2.3"), 8, "10.1.2.4");
    const auto bad = file("bad.json", text);
    const auto key = file("key", a.log->verifier_key() + "\n");
    const auto proof = file("7.tlog-proof", chain::proof_of(*a.log, 7, true, std::nullopt)->text());
    EXPECT_EQ(run("--key " + key + " " + good), 0);
    EXPECT_EQ(run("--key '" + a.log->verifier_key() + "' --json " + good + " " + proof), 0);
    EXPECT_EQ(run("--key " + key + " " + bad), 1);
    EXPECT_EQ(run(good), 1) << "without a key nobody vouches for the tree";
    proof::AnchorRecord anchor;
    anchor.size = a.log->size();
    anchor.root = *a.log->root_at(anchor.size);
    const auto anchors = file("anchors.jsonl", anchor.json() + "\n");
    EXPECT_EQ(run("--anchors " + anchors + " " + good), 0);
    anchor.root[0] ^= 1;
    EXPECT_EQ(run("--key " + key + " --anchors " + file("other.jsonl", anchor.json()) + " " + good), 1);
    EXPECT_EQ(run("--help"), 0);
    EXPECT_EQ(run(""), 2);
    EXPECT_EQ(run("--rpc http://127.0.0.1:8545 " + good), 2);
    EXPECT_EQ(run("--key nonsense " + good), 2);
    EXPECT_EQ(run("--anchors " + good + " " + good), 2);
    EXPECT_EQ(run("--key " + key + " " + a.dir.string() + "/absent"), 2);
}

TEST(KedgeVerify, Speed) {
    Auditor a;
    const auto entry = json::write(a.entry(5));
    const int n = 3000;
    std::string bundle = R"({"resourceType":"Bundle","entry":[)" + entry;
    for (int i = 1; i < n; ++i) bundle += "," + entry;
    bundle += "]}";
    const auto start = std::chrono::steady_clock::now();
    const auto sum = a.audit({bundle});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    EXPECT_EQ(sum.proven, static_cast<std::uint64_t>(n));
    std::printf("%d events of a Bundle in %.3f s: %.0f/s\n", n, seconds, n / seconds);
}

}  // namespace
