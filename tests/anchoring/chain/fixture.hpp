// A log on a directory of its own, with small segments and a quick index, and the AuditEvents that go into it.
#pragma once

#include "anchoring/chain/audit_log.hpp"
#include "anchoring/chain/file.hpp"
#include "storage/base/encoding.hpp"
#include "tests/support/files.hpp"

#include <future>

#include <gtest/gtest.h>

namespace chain_test {

// As fhir/rest/audit_event.cpp writes a read under a Consent.
inline std::string audit_event(const std::string& id, const std::string& patient = "1", const std::string& practitioner = "7") {
    return R"({"resourceType":"AuditEvent","id":")" + id +
           R"(","meta":{"versionId":"1","lastUpdated":"2026-11-22T07:24:00.123Z","profile":["https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"]},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"read"}],"action":"R","recorded":"2026-11-22T07:24:00.123Z","outcome":"0","agent":[{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110152","display":"Destination Role ID"}]},"who":{"identifier":{"value":"ward-app"}},"requestor":false,"network":{"address":"10.1.2.3","type":"2"}},{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110153","display":"Source Role ID"}]},"who":{"display":"kedge"},"requestor":false,"network":{"address":"http://127.0.0.1:8080/fhir","type":"5"}},{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP","display":"information recipient"}]},"who":{"reference":"Practitioner/)" +
           practitioner +
           R"("},"requestor":true,"policy":["Consent/d1c4d0f3-38c9-4088-b5eb-f78248da25e0/_history/1","urn:kedge:rule:consent","urn:oauth:jti:c100b30e-4cf8-4c3b-af07-50c8f222bd46"],"purposeOfUse":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]}]}],"source":{"site":"http://127.0.0.1:8080/fhir","observer":{"display":"kedge"},"type":[{"system":"http://terminology.hl7.org/CodeSystem/security-source-type","code":"4","display":"Application Server"}]},"entity":[{"what":{"reference":"Observation/o-4711/_history/3"},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2","display":"System Object"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"4","display":"Domain Resource"}},{"what":{"reference":"Patient/)" +
           patient +
           R"("},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"1","display":"Person"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"1","display":"Patient"}},{"what":{"identifier":{"value":"94f892f3c8558492-5"}},"type":{"system":"https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType","code":"XrequestId"}}]})";
}

inline chain::Submission submission(const std::string& id, const std::string& patient = "1", base::TimeUs recorded_us = 0) {
    chain::Submission out;
    out.key_patient = patient;
    out.content = audit_event(id, patient);
    out.keys.id = id;
    out.keys.recorded_us = recorded_us;
    if (!patient.empty()) out.keys.patients = {patient};
    out.keys.agents = {"kedge", "ward-app", "Practitioner/7"};
    out.keys.entities = {"Observation/o-4711", "Patient/" + patient};
    out.keys.subtype = "read";
    return out;
}

// Fails when told, on write or on sync.
class BadDisk final : public chain::Disk {
  public:
    std::atomic<bool> write_fails{false}, sync_fails{false};
    std::atomic<int> slow_ms{0};
    base::Status write_at(int fd, base::ByteView bytes, std::uint64_t offset) override {
        if (write_fails) return base::fail(base::Kind::fault, "no space left on the test's disk");
        return Disk::write_at(fd, bytes, offset);
    }
    base::Status sync(int fd) override {
        std::this_thread::sleep_for(std::chrono::milliseconds(slow_ms.load()));
        if (sync_fails) return base::fail(base::Kind::fault, "the test's disk does not sync");
        return Disk::sync(fd);
    }
};

struct Fixture {
    support::TempDir dir;
    base::SystemClock clock;
    std::unique_ptr<store::KeyRing> keys;
    chain::LogOptions options;
    std::unique_ptr<chain::AuditLog> log;

    explicit Fixture(bool opened = true) {
        const auto made = store::KeyRing::init(dir.string(), clock);
        EXPECT_TRUE(made.has_value()) << made.error().diagnostics;
        auto ring = store::KeyRing::open(dir.string(), clock);
        EXPECT_TRUE(ring.has_value()) << ring.error().diagnostics;
        keys = std::move(*ring);
        options.dir = dir.string() + "/log";
        options.origin = "test.kedge/audit";
        options.checkpoint_ms = 60'000;  // tests sign when they mean to
        options.checkpoint_entries = 1'000'000;
        if (opened) open();
    }
    std::shared_ptr<BadDisk> open_on_bad_disk() {
        auto disk = std::make_shared<BadDisk>();
        options.disk = disk;
        open();
        return disk;
    }
    void open() {
        auto made = try_open();
        ASSERT_TRUE(made.has_value()) << made.error().diagnostics;
        log = std::move(*made);
    }
    base::Result<std::unique_ptr<chain::AuditLog>> try_open() {
        log.reset();
        return chain::AuditLog::open(options, *keys, clock);
    }
    base::Result<chain::Appended> append(std::vector<chain::Submission> group) {
        std::promise<base::Result<chain::Appended>> promise;
        auto future = promise.get_future();
        log->append(std::move(group), [&](base::Result<chain::Appended> done) { promise.set_value(std::move(done)); });
        return future.get();
    }
    // One group for each event: e0, e1, ...
    void fill(std::uint64_t from, std::uint64_t to, const std::string& patient = "1") {
        for (auto i = from; i < to; ++i) {
            const auto done = append({submission("e" + std::to_string(i), patient, clock.now_us())});
            ASSERT_TRUE(done.has_value()) << done.error().diagnostics;
            ASSERT_EQ(done->first_seq, i);
        }
    }
    // Closes the log and walks the directory.
    std::vector<std::string> fsck() {
        log.reset();
        std::vector<std::string> out;
        const auto found = chain::fsck_directory(options, *keys, [&](const std::string& sentence) { out.push_back(sentence); });
        EXPECT_TRUE(found.has_value()) << found.error().diagnostics;
        EXPECT_EQ(found.value_or(0), out.size());
        return out;
    }
    std::string file(const std::string& name) const { return options.dir + "/" + name; }
    void flip(const std::string& name, std::uint64_t at) {
        auto bytes = support::read_file(file(name));
        ASSERT_LT(at, bytes.size());
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        std::filesystem::permissions(file(name), std::filesystem::perms::owner_all);
        support::write_file(file(name), bytes);
    }
};

}  // namespace chain_test
