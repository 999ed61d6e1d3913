#include "fhir/server/late_entries.hpp"

#include <future>

#include "fhir/rest/exchange.hpp"
#include "storage/base/log.hpp"

namespace server {

base::Status append_and_wait(chain::AuditLog& log, chain::Submission event) {
    std::promise<base::Status> appended;
    auto result = appended.get_future();
    log.append({std::move(event)}, [&appended](base::Result<chain::Appended> done) {
        if (done) appended.set_value({});
        else appended.set_value(base::pass(done));
    });
    return result.get();
}

base::Status replay_journal(store::Store& store, store::KeyRing& keys, chain::AuditLog& log) {
    auto rows = store.journal_pending();
    if (!rows) return base::pass(rows);
    if (rows->empty()) return {};
    std::vector<std::string> ids;
    for (auto& row : *rows) {
        auto submission = chain::Submission::decode(row.submission);
        if (!submission) return base::pass(submission);
        // A patient erased meanwhile has no audit key; what happened is still said, under the tenant's.
        if (rest::sealed_by_tenant(*submission, keys)) submission->key_patient.clear();
        if (auto status = append_and_wait(log, std::move(*submission)); !status) return status;
        ids.push_back(std::move(row.event_id));
    }
    base::log::info(std::to_string(ids.size()) + " journal entries brought to the audit chain");
    store.journal_done(std::move(ids));
    return {};
}

base::Status settle_owed_entries(store::KeyRing& keys, chain::AuditLog& log) {
    const auto owed = keys.owed();
    if (!owed) return base::pass(owed);
    for (const auto& one : *owed) {
        auto submission = chain::Submission::decode(one.what);
        if (!submission) return base::pass(submission);
        if (auto status = append_and_wait(log, std::move(*submission)); !status) return status;
        if (auto done = keys.owed_done(one.id); !done) return done;
    }
    return {};
}

}  // namespace server
