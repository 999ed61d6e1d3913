// How fast kedge-verify checks a large file. bench_verify [EVENTS=500000] [THREADS=2] [FILE]: makes a log of so many AuditEvents of about
// 1,500 bytes in memory, writes them with their proofs as one Bundle (FILE, kept when it is named), and measures the check of it.
#include "anchoring/kedge_verify/audit.hpp"
#include "anchoring/kedge_verify/input_file.hpp"
#include "anchoring/proof/tree.hpp"
#include "storage/base/encoding.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace {

constexpr std::uint64_t kCheckpointEvery = 5000;  // as the server signs them under load
constexpr std::string_view kOrigin = "bench.kedge/audit";

std::string audit_event(std::uint64_t n) {
    const auto number = std::to_string(n);
    std::string out =
        R"({"resourceType":"AuditEvent","id":"e)" + number +
        R"(","meta":{"profile":["https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"]},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"read","display":"read"}],"action":"R","recorded":"2026-11-22T07:24:00.123Z","outcome":"0","agent":[)";
    for (const auto* code : {"110153", "110152"}) {
        out +=
            R"({"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":")" + std::string(code) +
            R"(","display":"Role ID"}]},"who":{"display":"kedge"},"requestor":false,"network":{"address":"http://127.0.0.1:8080/fhir","type":"5"}},)";
    }
    return out +
           R"({"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"who":{"reference":"Practitioner/)" +
           std::to_string(n % 97) +
           R"("},"requestor":true}],"source":{"observer":{"display":"kedge"}},"entity":[{"what":{"reference":"Observation/o-4711/_history/3"},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"4"}},{"what":{"reference":"Patient/)" +
           std::to_string(n % 1009) +
           R"("},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"1"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"1"}}]})";
}

proof::VerifierKey write_bundle(const std::string& path, std::uint64_t count) {
    const crypto::Key seed(base::as_bytes("a seed of exactly 32 bytes here!"));
    std::vector<proof::Entry> entries;
    std::vector<proof::Digest> nodes;
    proof::Frontier frontier;
    proof::Salt salt{};
    proof::Digest previous{};
    for (std::uint64_t i = 0; i < count; ++i) {
        proof::Entry entry;
        entry.seq = i;
        entry.time_us = 1'700'000'000'000'000 + static_cast<base::TimeUs>(i);
        entry.previous = previous;
        entry.commit = proof::commit_of(salt, base::as_bytes(audit_event(i)));
        previous = entry.hash();
        frontier.append(proof::leaf_hash(entry.encode()), nodes);
        entries.push_back(entry);
    }
    const proof::NodeAt at = [&](unsigned level, std::uint64_t index) -> base::Result<proof::Digest> {
        return nodes[proof::node_position(level, index)];
    };
    std::ofstream out(path, std::ios::binary);
    out << R"({"resourceType":"Bundle","type":"searchset","entry":[)";
    proof::ProofFile file;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto size = std::min(count, (i / kCheckpointEvery + 1) * kCheckpointEvery);
        if (i % kCheckpointEvery == 0)
            file.checkpoint =
                proof::sign_note(proof::checkpoint_text({std::string(kOrigin), size, *proof::root_of(size, at)}), kOrigin, seed);
        proof::Extra extra;
        extra.entry = entries[i];
        extra.salt = salt;
        file.extra = extra.encode();
        file.index = i;
        file.path = *proof::inclusion_path(i, size, at);
        out << (i == 0 ? "" : ",") << R"({"fullUrl":"http://127.0.0.1:8080/fhir/AuditEvent/e)" << i << R"(","resource":)" << audit_event(i)
            << R"(,"search":{"mode":"match"},"extension":[{"url":")" << kedge_verify::kProofUrl << R"(","valueBase64Binary":")"
            << base::to_base64(base::as_bytes(file.text())) << "\"}]}";
    }
    out << "]}";
    return {std::string(kOrigin), crypto::ed25519_public_key(seed)};
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500'000;
    const auto threads = static_cast<unsigned>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 2);
    const std::string path = argc > 3 ? argv[3] : "/tmp/kedge_bench_verify." + std::to_string(::getpid()) + ".json";
    kedge_verify::Evidence evidence;
    evidence.key = write_bundle(path, count);
    std::printf("%llu events, %.1f MB, key %s\n", static_cast<unsigned long long>(count),
                static_cast<double>(std::filesystem::file_size(path)) / 1e6, evidence.key->text().c_str());
    for (int round = 0; round < 3; ++round) {
        const auto start = std::chrono::steady_clock::now();
        const auto cpu = std::clock();
        kedge_verify::Audit audit(
            evidence, [](const kedge_verify::Line&) {}, threads);
        const auto file = kedge_verify::InputFile::open(path);
        audit.add(path, file->text());
        const auto sum = audit.finish();
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        std::printf("%s: %u threads, %.2f s, %.0f events/s, %.2f us of processor an event\n", sum.good() ? "all proven" : "IN DOUBT",
                    threads, seconds, static_cast<double>(count) / seconds,
                    static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC * 1e6 / static_cast<double>(count));
        if (!sum.good()) return 1;
    }
    if (argc <= 3) std::filesystem::remove(path);
    return 0;
}
