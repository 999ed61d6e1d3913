#include "anchoring/kedge_verify/audit.hpp"

#include "storage/base/encoding.hpp"

namespace kedge_verify {
namespace {

constexpr std::string_view kProofStart = "c2sp.org/tlog-proof@v1\n";

// A Bundle can be as large as its export; no limit but that of memory.
json::Limits limits() {
    json::Limits out;
    out.bytes = std::size_t{4} << 30;
    out.values = 2'000'000'000;
    return out;
}

const json::Value* extension(const json::Value& of, std::string_view url) {
    const auto* list = of.find("extension");
    if (list == nullptr || !list->if_array()) return nullptr;
    for (const auto& one : *list->if_array()) {
        if (one.text("url") == url) return &one;
    }
    return nullptr;
}

std::optional<std::uint64_t> quantity(const json::Value* range, std::string_view end) {
    const auto* limit = range == nullptr ? nullptr : range->find(end);
    const auto* value = limit == nullptr ? nullptr : limit->find("value");
    const auto* number = value == nullptr ? nullptr : value->if_number();
    const auto out =
        number == nullptr ? base::Result<std::uint64_t>(base::fail(base::Kind::invalid, "absent")) : proof::parse_decimal(number->text);
    return out ? std::optional(*out) : std::nullopt;
}

// What a server shows in the place of an erased event says nothing about who did what: it has no entity.
bool is_placeholder(const json::Value& resource) {
    return resource.find("entity") == nullptr && resource.text("outcomeDesc").starts_with("The content was erased");
}

}  // namespace

Audit::Audit(std::optional<proof::VerifierKey> key, std::vector<proof::AnchorRecord> anchors, std::function<void(const Line&)> each)
    : verifier_(std::move(key), std::move(anchors)), each_(std::move(each)) {}

void Audit::add(const std::string& name, std::string_view content) {
    if (content.starts_with(kProofStart)) {
        if (!waiting_proof_.empty()) event(waiting_name_, {}, {}, waiting_proof_, false);
        waiting_proof_ = content;
        waiting_name_ = name;
        return;
    }
    const auto value = json::parse(content, limits());
    if (!value) return doubt(name + ": neither a proof nor JSON: " + value.error().diagnostics);
    const auto type = value->text("resourceType");
    if (type == "Bundle") return bundle(name, *value);
    if (type != "AuditEvent") return doubt(name + ": a resource of type '" + std::string(type) + "' cannot be checked here");
    if (waiting_proof_.empty()) return doubt(name + ": an AuditEvent without a proof before it");
    // The event is checked as it stands in the file; a line end that an editor added is no part of it.
    while (content.ends_with('\n') || content.ends_with('\r')) content.remove_suffix(1);
    const auto proof = std::exchange(waiting_proof_, {});
    event(name, content, value->text("id"), proof, is_placeholder(*value));
}

void Audit::bundle(const std::string& name, const json::Value& bundle) {
    const auto* entries = bundle.find("entry");
    if (entries != nullptr && entries->if_array()) {
        std::size_t at = 0;
        for (const auto& one : *entries->if_array()) entry(name + " entry " + std::to_string(at++), one);
    }
    range(bundle);
}

void Audit::range(const json::Value& bundle) {
    const auto* meta = bundle.find("meta");
    const auto* claim = meta == nullptr ? nullptr : extension(*meta, kRangeUrl);
    if (claim == nullptr) return;
    const auto* value = claim->find("valueRange");
    const auto low = quantity(value, "low"), high = quantity(value, "high");
    if (!low || !high || *low > *high) return doubt("the Bundle's audit-range cannot be read");
    claimed_.push_back({*low, *high});
}

void Audit::entry(const std::string& where, const json::Value& entry) {
    const auto* resource = entry.find("resource");
    if (resource == nullptr || resource->text("resourceType") != "AuditEvent") {
        // An OperationOutcome among search results (search.mode outcome) is no event.
        if (resource != nullptr && resource->text("resourceType") == "OperationOutcome") return;
        return doubt(where + ": it holds no AuditEvent");
    }
    const auto* carried = extension(entry, kProofUrl);
    const auto proof = carried == nullptr ? base::Result<base::Bytes>(base::fail(base::Kind::invalid, "absent"))
                                          : base::from_base64(carried->text("valueBase64Binary"));
    if (!proof) {
        Line line{where, std::string(resource->text("id")), {}};
        line.verdict.sentence = "it carries no proof";
        return told(std::move(line));
    }
    event(where, json::write(*resource), resource->text("id"), base::as_text(*proof), is_placeholder(*resource));
}

void Audit::event(const std::string& where, std::string_view event, std::string_view id, std::string_view proof, bool says_erased) {
    Line line{where, std::string(id), {}};
    const auto given = event.empty() ? std::optional<base::ByteView>() : std::optional(base::as_bytes(event));
    line.verdict = verifier_.verify(given, proof);
    if (!line.verdict.proven && given && says_erased) {
        // The placeholder itself is not what was logged; the entry is judged alone, and only when its proof holds no salt either.
        const auto alone = verifier_.verify(std::nullopt, proof);
        if (alone.erased) line.verdict = alone;
    }
    told(std::move(line));
}

void Audit::told(Line line) {
    ++sum_.events;
    sum_.proven += line.verdict.proven ? 1 : 0;
    sum_.erased += line.verdict.erased ? 1 : 0;
    if (line.verdict.proven || line.verdict.tier != proof::Tier::none) {
        if (auto sentence = continuity_.add(*line.verdict.entry); !sentence.empty()) doubt(std::move(sentence));
    }
    each_(line);
}

Sum Audit::finish() {
    if (!waiting_proof_.empty()) event(waiting_name_, {}, {}, std::exchange(waiting_proof_, {}), false);
    for (const auto& claim : claimed_) {
        for (const auto& run : continuity_.missing(claim.first, claim.last)) {
            const bool one = run.first == run.last;
            doubt((one ? "entry " + std::to_string(run.first) + " is"
                       : "entries " + std::to_string(run.first) + ".." + std::to_string(run.last) + " are") +
                  " missing: the Bundle claims " + std::to_string(claim.first) + ".." + std::to_string(claim.last));
        }
    }
    if (continuity_.out_of_order()) doubt("the entries stand neither from old to new nor from new to old");
    return sum_;
}

}  // namespace kedge_verify
