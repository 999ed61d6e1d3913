#include "fhir/server/operator_commands.hpp"

#include "fhir/server/late_entries.hpp"
#include "fhir/server/operator_event.hpp"
#include "fhir/server/operator_ledger.hpp"
#include "fhir/server/served_url.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <system_error>

namespace server {
namespace {

using base::Kind;

base::Status make_empty_dir(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return base::fail(Kind::fault, "cannot make " + path + ": " + error.message());
    if (!std::filesystem::is_empty(path, error)) return base::fail(Kind::conflict, path + " is not empty; name a directory that is new or empty");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
    return {};
}

// Waits until the log has made everything durable that was appended before.
base::Status flush(chain::AuditLog& log) {
    auto made = log.checkpoint_now();
    if (!made) return base::pass(made);
    return {};
}

// Over a connection of our own: the one in use belongs to its threads.
base::Status copy_database(const Instance& instance, std::string (*file_in)(const std::string&), const char* purpose, const std::string& to) {
    const auto key = instance.keys->derived(purpose);
    auto database = store::Database::open(file_in(instance.data_dir), key, {.read_only = true});
    if (!database) return base::pass(database);
    return database->backup_to(file_in(to), key);
}

// Which chain and which contracts, when `kedge contracts deploy` wrote it here: without it a restored server could not find its ledger. And
// the URL that its records may name it by, and the tokens that were taken back, which would count again.
base::Status copy_small_files(const Instance& instance, const std::string& to) {
    for (const std::string name : {"/contracts.json", kServedUrlFile, kRevokedTokensFile}) {
        const auto from = instance.data_dir + name;
        std::error_code error;
        if (!std::filesystem::exists(from, error)) continue;
        std::filesystem::copy_file(from, to + name, error);
        if (error) return base::fail(Kind::fault, "copy of " + from + ": " + error.message());
    }
    return {};
}

chain::Submission erasure_event(const Instance& instance, const std::string& reference, bool also_audit_key) {
    auto out = operator_event(instance, {.subtype = "erase",
                                         .action = 'D',
                                         .system = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle",
                                         .code = "destroy",
                                         .display = "Destroy/Delete Record Lifecycle Event",
                                         .outcome = also_audit_key ? "data key and audit key destroyed" : "data key destroyed",
                                         .reference = reference});
    out.keys.patients = {reference.substr(8)};
    return out;
}

}  // namespace

std::string unfinished_mark(const std::string& backup_dir) {
    return backup_dir + "/unfinished";
}

base::Result<std::string> backup(Instance& instance, const std::string& to) {
    if (auto made = make_empty_dir(to); !made) return base::pass(made);
    if (!std::ofstream(unfinished_mark(to))) return base::fail(Kind::fault, to + " cannot be written to");
    // The copy is made inside a unit of work: the writer holds still, so records, journal and log speak of the same moment.
    auto finished = std::make_shared<std::promise<base::Status>>();
    auto result = finished->get_future();
    auto duty = std::make_shared<store::AuditDuty>(store::AuditDuty::exempt("backup"));
    instance.store->submit(
        *duty,
        [&instance, to](store::Unit&) -> base::Status {
            if (auto flushed = flush(*instance.log); !flushed) return flushed;
            if (auto done = instance.log->backup_to(audit_dir(to)); !done) return done;
            if (auto done = instance.store->backup_to(to); !done) return done;
            if (instance.embedded != nullptr) {
                if (auto done = copy_database(instance, ledger_file, "db:ledger", to); !done) return done;
            }
            if (auto done = copy_small_files(instance, to); !done) return done;
            return copy_database(instance, anchors_file, "db:anchors", to);
        },
        [finished, duty](base::Status status) { finished->set_value(std::move(status)); });
    if (auto status = result.get(); !status) return base::pass(status);
    std::error_code error;
    if (!std::filesystem::remove(unfinished_mark(to), error)) return base::fail(Kind::fault, "the backup is whole, but its mark " + unfinished_mark(to) + " stays: " + error.message());
    return "backup written to " + to + "; root.key is not in it: keep a copy of that elsewhere, a restore asks for it";
}

base::Result<std::string> erase_patient(Instance& instance, const std::string& reference, bool also_audit_key) {
    if (!reference.starts_with("Patient/") || reference.size() == 8) return base::fail(Kind::invalid, "a patient is named as Patient/[id]");
    const auto entry = erasure_event(instance, reference, also_audit_key).encode();
    if (auto erased = instance.keys->erase_patient(reference.substr(8), also_audit_key, entry); !erased) return base::pass(erased);
    if (auto told = settle_owed_entries(*instance.keys, *instance.log); !told) {
        return base::fail(Kind::unavailable, "the key is destroyed, and the audit chain takes the entry at the next start: " + told.error().diagnostics);
    }
    return reference + ": key destroyed; every version it sealed is unreadable, every proof still verifies";
}

base::Result<std::string> revoke_token(Instance& instance, const std::string& token) {
    constexpr std::string_view kJti = "urn:oauth:jti:";
    auto id = token.starts_with(kJti) ? token.substr(kJti.size()) : token;
    if (std::count(token.begin(), token.end(), '.') == 2) {
        const auto payload = instance.issuer->key().verify(token);
        if (!payload) return base::fail(Kind::invalid, "that is no token of this server: " + payload.error().diagnostics);
        const auto claims = auth::read_claims(*payload);
        if (!claims) return base::pass(claims);
        id = claims->caller.token_id;
    }
    if (auto done = instance.authenticator->revoke(id); !done) return base::pass(done);
    auto event = operator_event(instance, {.subtype = "token-revoke",
                                           .system = "http://dicom.nema.org/resources/ontology/DCM",
                                           .code = "110113",
                                           .display = "Security Alert",
                                           .outcome = "token revoked",
                                           .entity_name = "urn:oauth:jti:" + id});
    if (auto told = append_and_wait(*instance.log, std::move(event)); !told) {
        return base::fail(Kind::unavailable, "the token counts no more, but the audit chain cannot take the entry now (" + told.error().diagnostics + "): repeat the command");
    }
    return "token " + id + " is revoked: it counts no more, also after a restart";
}

ControlHandler operator_commands(Instance& instance) {
    return [&instance](const std::string& command, const json::Value& arguments) -> base::Result<std::string> {
        if (command == "backup") return backup(instance, std::string(arguments.text("to")));
        if (command == "erase") {
            const auto* also = arguments.find("auditKey");
            return erase_patient(instance, std::string(arguments.text("patient")), also != nullptr && also->if_bool() != nullptr && *also->if_bool());
        }
        if (command == "revoke") return revoke_token(instance, std::string(arguments.text("token")));
        if (command == "ledger-status") return ledger_status(instance);
        if (command == "ledger-resend") return ledger_resend(instance);
        if (command == "ledger-pause") return ledger_pause(instance, std::string(arguments.text("why")));
        if (command == "ledger-resume") return ledger_resume(instance, true);
        if (command == "ledger-export") return instance.anchorer->export_lines();
        return base::fail(Kind::invalid, "the server knows no command '" + command + "'");
    };
}

}  // namespace server
