// kedge reindex: both derived indexes again from what they are derived from. Safe to interrupt and repeat.
#include <unistd.h>

#include <cstdio>

#include "fhir/search/extract.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/instance.hpp"
#include "fhir/server/say.hpp"
#include "fhir/server/served_url.hpp"

namespace server {
namespace {

std::function<void(std::uint64_t, std::uint64_t)> progress(const char* what) {
    if (::isatty(STDERR_FILENO) == 0) return [](std::uint64_t, std::uint64_t) {};
    return [what](std::uint64_t done, std::uint64_t total) {
        if (done % 1000 != 0 && done != total) return;
        std::fprintf(stderr, "\r%s: %llu of %llu", what, static_cast<unsigned long long>(done), static_cast<unsigned long long>(total));
        if (done == total) std::fputc('\n', stderr);
    };
}

}  // namespace

// A delete mark keeps the facts and patients of the version before it.
base::Result<store::NewRecord> extract_again(const store::Record& record, const std::string& base_url) {
    const auto facts = consent::Facts::decode(record.facts);
    if (!facts) return base::pass(facts);
    store::NewRecord out;
    out.type = record.type;
    out.id = record.id;
    out.patient = record.patient;
    out.patients = facts->patients;
    out.facts = record.facts;
    out.version = record.version.version;
    out.updated_us = record.version.updated_us;
    out.deleted = record.version.deleted;
    if (record.version.deleted) return out;
    const auto resource = json::parse(record.body);
    if (!resource) return base::fail(base::Kind::corrupt, "a stored resource does not parse");
    auto extracted = search::extract(*resource, {base_url, facts->owner_org});
    if (!extracted) return base::pass(extracted);
    out.patients = std::move(extracted->patients);
    out.facts = extracted->facts.encode();
    out.index = std::move(extracted->index);
    return out;
}

int run(const ReindexOptions& options) {
    InstanceOptions open;
    open.data_dir = options.data_dir;
    open.offline = true;
    open.only_storage = true;  // the rest writes while it opens, and without its index the store takes no writes
    auto instance = Instance::open(open);
    if (!instance) return say_error(instance.error());
    const auto base_url = served_url(options.data_dir, open.settings.base_url);
    if (!base_url) return say_error(base_url.error());
    const auto records = (*instance)->store->reindex([&](const store::Record& r) { return extract_again(r, *base_url); }, progress("records"));
    if (!records) return say_error(records.error());
    const auto events = (*instance)->log->reindex(progress("audit events"));
    if (!events) return say_error(events.error());
    say("reindex: done");
    return 0;
}

}  // namespace server
