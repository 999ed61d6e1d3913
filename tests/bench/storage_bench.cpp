// What each step of keeping a record costs: JSON, compression, sealing, hashing. storage/crypto/README.md has figures.
#include "storage/base/json.hpp"
#include "storage/crypto/aead.hpp"
#include "storage/crypto/compress.hpp"
#include "storage/crypto/ed25519.hpp"
#include "storage/crypto/hash.hpp"
#include "storage/crypto/key_wrap.hpp"
#include "storage/crypto/random.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <benchmark/benchmark.h>

namespace {

// A blood pressure with a profile, two components and a narrative: about 2 kB in canonical form, as Observations are.
constexpr std::string_view kObservation =
    R"({"resourceType":"Observation","id":"5b2d","meta":{"versionId":"1","lastUpdated":"2026-11-22T07:24:00.123Z",)"
    R"("profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-blood-pressure"]},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">)"
    R"(<p><b>Blood pressure</b>: 107/60 mm[Hg], taken sitting, right arm, by nurse on the ward; checked again after ten minutes of rest, no change.</p></div>"},)"
    R"("identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:187e0c12-8dd2-67e2-99b2-bf273c878281"}],"status":"final","category":[{"coding":[{"system":)"
    R"("http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":)"
    R"("85354-9","display":"Blood pressure panel with all children optional"}],"text":"Blood pressure systolic & diastolic"},"subject":{"reference":"Patient/5ad53a48"},)"
    R"("encounter":{"reference":"Encounter/0ed80a31"},"effectiveDateTime":"2026-11-22T08:20:00+01:00","issued":"2026-11-22T08:21:04.512+01:00","performer":[{"reference":)"
    R"("Practitioner/9a31"}],"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"N","display":"Normal"}]}],)"
    R"("bodySite":{"coding":[{"system":"http://snomed.info/sct","code":"368209003","display":"Right arm"}]},"component":[{"code":{"coding":[{"system":"http://loinc.org",)"
    R"("code":"8480-6","display":"Systolic blood pressure"}]},"valueQuantity":{"value":107.0,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":)"
    R"({"coding":[{"system":"http://loinc.org","code":"8462-4","display":"Diastolic blood pressure"}]},"valueQuantity":{"value":60.00,"unit":"mmHg","system":)"
    R"("http://unitsofmeasure.org","code":"mm[Hg]"}}]})";

// Stands for a trained dictionary: another Observation's words, none of this one's values.
constexpr std::string_view kDictionary =
    R"({"resourceType":"Observation","id":"","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00.000Z","profile":["http://hl7.org/fhir/us/core/)"
    R"(StructureDefinition/us-core-"]},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"></div>"},"identifier":[{"system":"urn:ietf:rfc:3986",)"
    R"("value":"urn:uuid:"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":)"
    R"("Vital Signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"","display":""}],"text":""},"subject":{"reference":"Patient/"},"encounter":{"reference":)"
    R"("Encounter/"},"effectiveDateTime":"2026-","issued":"2026-","performer":[{"reference":"Practitioner/"}],"interpretation":[{"coding":[{"system":)"
    R"("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"N","display":"Normal"}]}],"component":[{"code":{"coding":[{"system":"http://loinc.org",)"
    R"("code":"","display":""}]},"valueQuantity":{"value":,"unit":"","system":"http://unitsofmeasure.org","code":""}}]})";

base::Bytes two_kilobytes() {
    return base::Bytes(2048, 'x');
}
void bytes_of(benchmark::State& state, std::size_t each) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(each));
}

void Seal2kB(benchmark::State& state) {
    const auto key = crypto::random_key();
    const auto plain = two_kilobytes();
    for (auto _ : state) benchmark::DoNotOptimize(crypto::seal(key, plain, base::as_bytes("Observation|5b2d|1")));
    bytes_of(state, plain.size());
}
BENCHMARK(Seal2kB);

void Open2kB(benchmark::State& state) {
    const auto key = crypto::random_key();
    const auto sealed = *crypto::seal(key, two_kilobytes(), base::as_bytes("Observation|5b2d|1"));
    for (auto _ : state) benchmark::DoNotOptimize(crypto::open(key, sealed, base::as_bytes("Observation|5b2d|1")));
    bytes_of(state, 2048);
}
BENCHMARK(Open2kB);

void Hmac2kB(benchmark::State& state) {
    const auto key = crypto::random_key();
    const auto data = two_kilobytes();
    for (auto _ : state) benchmark::DoNotOptimize(crypto::hmac_sha256(key.view(), data));
    bytes_of(state, data.size());
}
BENCHMARK(Hmac2kB);

void Sha256Of65Bytes(benchmark::State& state) {  // an inner node of the Merkle tree
    const base::Bytes node(65, 1);
    for (auto _ : state) benchmark::DoNotOptimize(crypto::sha256(node));
}
BENCHMARK(Sha256Of65Bytes);

void Hkdf(benchmark::State& state) {  // one record key
    const auto key = crypto::random_key();
    const base::Bytes salt(32, 1);
    for (auto _ : state) benchmark::DoNotOptimize(crypto::hkdf_sha256(key, salt, "res|Observation|5b2d|1|aes-256-gcm"));
}
BENCHMARK(Hkdf);

void UnwrapKey(benchmark::State& state) {
    const auto key = crypto::random_key();
    const auto wrapped = *crypto::wrap_key(key, key);
    for (auto _ : state) benchmark::DoNotOptimize(crypto::unwrap_key(key, wrapped));
}
BENCHMARK(UnwrapKey);

void Ed25519Sign(benchmark::State& state) {
    const auto seed = crypto::random_key();
    for (auto _ : state) benchmark::DoNotOptimize(crypto::ed25519_sign(seed, base::as_bytes("checkpoint")));
}
BENCHMARK(Ed25519Sign);

void Compress(benchmark::State& state) {
    const crypto::Dictionary dictionary(kDictionary, static_cast<int>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(dictionary.compress(base::as_bytes(kObservation)));
    bytes_of(state, kObservation.size());
    state.counters["in"] = static_cast<double>(kObservation.size());
    state.counters["out"] = static_cast<double>(dictionary.compress(base::as_bytes(kObservation))->size());
}
BENCHMARK(Compress)->Arg(1)->Arg(3)->Arg(9);

void Decompress(benchmark::State& state) {
    const crypto::Dictionary dictionary(kDictionary, 1);
    const auto packed = *dictionary.compress(base::as_bytes(kObservation));
    for (auto _ : state) benchmark::DoNotOptimize(dictionary.decompress(packed, 1 << 20));
    bytes_of(state, kObservation.size());
}
BENCHMARK(Decompress);

void JsonParse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(json::parse(kObservation));
    bytes_of(state, kObservation.size());
}
BENCHMARK(JsonParse);

void JsonWrite(benchmark::State& state) {
    const auto value = *json::parse(kObservation);
    for (auto _ : state) benchmark::DoNotOptimize(json::write(value));
    bytes_of(state, kObservation.size());
}
BENCHMARK(JsonWrite);

void JsonParseSyntheaBundles(benchmark::State& state) {
    const auto data = support::test_data("synthea/transactions");
    if (!data.path) return state.SkipWithError(data.skip.c_str());
    std::vector<std::string> texts;
    std::size_t bytes = 0;
    for (const auto& path : support::files_below(*data.path, ".json")) bytes += texts.emplace_back(support::read_file(path)).size();
    for (auto _ : state) {
        for (const auto& text : texts) benchmark::DoNotOptimize(json::parse(text));
    }
    bytes_of(state, bytes);
}
BENCHMARK(JsonParseSyntheaBundles)->Unit(benchmark::kMillisecond);

}  // namespace
