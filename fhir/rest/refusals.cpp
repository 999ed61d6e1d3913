#include "fhir/rest/refusals.hpp"

#include "storage/base/json.hpp"
#include "storage/base/log.hpp"
#include "storage/crypto/random.hpp"

namespace rest {
namespace {

json::Value coding(std::string_view system, std::string_view code) {
    json::Object out;
    out.set("system", system);
    out.set("code", code);
    return out;
}
json::Value agent(std::string_view who, std::string_view address, bool requestor) {
    json::Object named, network, out;
    named.set("display", who);
    network.set("address", address);
    network.set("type", "2");
    out.set("who", std::move(named));
    out.set("requestor", requestor);
    out.set("network", std::move(network));
    return out;
}

// DICOM 110114 User Authentication, login; the count stands in outcomeDesc.
chain::Submission summary(const std::string& source, std::uint64_t count, base::TimeUs now, const std::string& base_url) {
    chain::Submission out;
    out.keys.id = crypto::random_uuid();
    out.keys.recorded_us = now;
    out.keys.agents = {source};
    out.keys.action = 'E';
    out.keys.outcome = 4;
    out.keys.subtype = "110122";
    json::Object event, meta, observer, origin;
    event.set("resourceType", "AuditEvent");
    event.set("id", out.keys.id);
    meta.set("versionId", "1");
    meta.set("lastUpdated", base::format_instant(now));
    event.set("meta", std::move(meta));
    event.set("type", coding("http://dicom.nema.org/resources/ontology/DCM", "110114"));
    event.set("subtype", json::Array{coding("http://dicom.nema.org/resources/ontology/DCM", "110122")});
    event.set("action", "E");
    event.set("recorded", base::format_instant(now));
    event.set("outcome", "4");
    event.set("outcomeDesc", std::to_string(count) + " request(s) without a valid token in the last minute");
    event.set("agent", json::Array{agent("unauthenticated", source, true)});
    observer.set("display", "kedge");
    origin.set("site", base_url);
    origin.set("observer", std::move(observer));
    event.set("source", std::move(origin));
    out.content = json::write(json::Value(std::move(event)));
    return out;
}

}  // namespace

RefusalCounter::RefusalCounter(chain::AuditLog& log, const base::Clock& clock, std::string base_url, int every_ms)
    : log_(log), clock_(clock), base_url_(std::move(base_url)), every_ms_(every_ms), thread_([this] { run(); }) {}

RefusalCounter::~RefusalCounter() {
    stop();
}

void RefusalCounter::count(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    const auto& source = request.remote_address;
    const bool known = counts_.contains(source);
    ++counts_[known || counts_.size() < kMostSources ? source : std::string("other")];
}

void RefusalCounter::flush() {
    std::map<std::string, std::uint64_t> counts;
    {
        const std::lock_guard lock(mutex_);
        counts.swap(counts_);
    }
    if (counts.empty()) return;
    std::vector<chain::Submission> entries;
    for (const auto& [source, count] : counts) entries.push_back(summary(source, count, clock_.now_us(), base_url_));
    log_.append(std::move(entries), [](base::Result<chain::Appended> appended) {
        if (!appended) base::log::error("summary of refused strangers is not in the trail: " + appended.error().diagnostics);
    });
}

void RefusalCounter::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
    flush();
}

void RefusalCounter::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        wake_.wait_for(lock, std::chrono::milliseconds(every_ms_), [this] { return stopping_; });
        if (stopping_) return;
        lock.unlock();
        flush();
        lock.lock();
    }
}

}  // namespace rest
