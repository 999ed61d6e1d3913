// batch and transaction: https://hl7.org/fhir/R4/http.html#transaction. A batch is so many requests, each on its own way through the
// pipeline; a transaction is one unit of work (transaction.cpp).
#include <algorithm>
#include <atomic>
#include <tuple>

#include "fhir/rest/bundle_entries.hpp"
#include "fhir/rest/bundle_writer.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/pipeline.hpp"
#include "fhir/rest/transaction.hpp"
#include "fhir/rest/writing.hpp"
#include "storage/base/encoding.hpp"

namespace rest {
namespace {

using base::Kind;

// The entry as a request of its own, with the caller's token and request id.
http::Request request_of(const Attempt& a, const Services& services, BundleEntry& entry) {
    http::Request out;
    out.method = entry.method;
    out.target = services.settings.base_path + "/" + entry.url;
    const auto question = out.target.find('?');
    out.path = out.target.substr(0, question);
    if (question != std::string::npos) out.query = out.target.substr(question + 1);
    out.remote_address = a.request.remote_address;
    out.tls = a.request.tls;
    out.request_id = a.request.request_id;
    for (const auto name : {"Authorization", "Prefer"}) {
        if (a.request.has_header(name)) out.headers.emplace_back(name, a.request.header(name));
    }
    for (const auto& [name, value] : {std::pair{"If-None-Exist", &entry.if_none_exist}, {"If-Match", &entry.if_match}, {"If-None-Match", &entry.if_none_match}}) {
        if (!value->empty()) out.headers.emplace_back(name, *value);
    }
    if (entry.if_modified_since) out.headers.emplace_back("If-Modified-Since", base::format_http_date(*entry.if_modified_since));
    const auto patch = entry.method == "PATCH" && entry.resource.text("resourceType") == "Binary" ? base::from_base64(entry.resource.text("data"))
                                                                                             : base::Result<base::Bytes>(base::Bytes());
    if (patch && !patch->empty()) {
        out.headers.emplace_back("Content-Type", entry.resource.text("contentType"));
        out.body = base::as_text(*patch);
    } else if (!entry.resource.is_null()) {
        out.headers.emplace_back("Content-Type", "application/fhir+json");
        out.body = json::write(entry.resource);
    }
    entry.resource = json::Value();
    return out;
}

// `tells`: the body is an OperationOutcome about the request, not what the request was for.
void add_response(BundleWriter& bundle, const http::Response& response, bool tells) {
    BundleWriter::Entry entry;
    BundleWriter::Response part;
    part.status = response.status;
    const auto header = [&](std::string_view name) {
        const auto* value = http::find_header(response.headers, name);
        return value == nullptr ? std::string_view{} : std::string_view(*value);
    };
    part.location = header("Location");
    if (const auto tags = http::parse_entity_tags(header("ETag")); tags && tags->tags.size() == 1) {
        part.version = static_cast<std::uint32_t>(std::strtoul(tags->tags.front().tag.c_str(), nullptr, 10));
    }
    part.updated_us = response.modified_us;  // R4: as meta.lastUpdated has it; Last-Modified would cut it to a second
    if (tells) part.outcome = response.body;
    else entry.resource = response.body;
    entry.response = std::move(part);
    bundle.entry(entry);
}

// Entries run side by side, a window of them at a time; whoever finishes last answers. R4: "there SHALL be no interdependencies
// between entries of the bundle".
constexpr std::size_t kBatchWindow = 128;

struct Batch : std::enable_shared_from_this<Batch> {
    Batch(AttemptPtr a, const Services& s, Then t, std::vector<BundleEntry> e)
        : attempt(std::move(a)), services(s), then(std::move(t)), entries(std::move(e)), responses(entries.size()), open(entries.size()) {}

    void start_next() {
        const auto i = next++;
        if (i >= entries.size()) return;
        handle_entry(request_of(*attempt, services, entries[i]), services, [self = shared_from_this(), i](http::Response response) {
            self->responses[i] = std::move(response);
            if (--self->open == 0) return self->answer();
            // Off the log's thread, which told us that this entry is done.
            self->services.run_later([self] { self->start_next(); });
        });
    }
    void answer() {
        BundleWriter bundle("batch-response", services.clock.now_us());
        for (std::size_t i = 0; i < responses.size(); ++i) {
            const auto& [method, url] = std::tie(entries[i].method, entries[i].url);
            const bool failed = responses[i].status >= 400;
            const bool writes = method != "GET" && method != "HEAD" && url.find('$') == url.npos && !url.ends_with("/_search");
            if (method == "HEAD" && !failed) responses[i].body.clear();  // it asks for no content
            add_response(bundle, responses[i], failed || (writes && attempt->prefer.returns == http::Prefer::Return::operation_outcome));
        }
        attempt->reply.body = bundle.take();
        then(attempt);
    }

    AttemptPtr attempt;
    const Services& services;
    Then then;
    std::vector<BundleEntry> entries;
    std::vector<http::Response> responses;
    std::atomic<std::size_t> next{0}, open;
};

void run_batch(AttemptPtr attempt, const Services& services, const Then& then, std::vector<BundleEntry> entries) {
    attempt->subtype = "batch";
    const auto batch = std::make_shared<Batch>(attempt, services, then, std::move(entries));
    if (batch->entries.empty()) return batch->answer();
    const auto window = std::min(kBatchWindow, batch->entries.size());
    for (std::size_t i = 0; i < window; ++i) batch->start_next();
}

}  // namespace

void bundle(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    auto tree = parse_resource(a, services, a.request.body, "Bundle");
    a.request.body.clear();
    if (!tree) return a.refuse(tree.error()), then(attempt);
    const std::string type(tree->text("type"));
    if (type != "batch" && type != "transaction") {
        a.refuse(base::Error{Kind::invalid, "a Bundle of type '" + type + "' is not for this path; it takes batch and transaction (or POST it to /Bundle to store it)",
                             {"Bundle.type"}, {}});
        return then(attempt);
    }
    auto entries = bundle_entries(std::move(*tree), services.settings);
    if (!entries) return a.refuse(entries.error()), then(attempt);
    if (type == "batch") return run_batch(attempt, services, then, std::move(*entries));
    run_transaction(attempt, services, then, std::move(*entries));
}

}  // namespace rest
