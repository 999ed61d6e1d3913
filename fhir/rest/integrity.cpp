#include "fhir/rest/integrity.hpp"

#include <charconv>

#include "anchoring/chain/proofs.hpp"
#include "storage/base/encoding.hpp"

namespace rest {
namespace {

using base::Kind;

constexpr std::size_t kMostFindings = 1000;  // listed; the count goes on

base::Result<std::uint64_t> number(const std::string& name, const std::string& text) {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return base::fail(Kind::invalid, name + " takes a whole number", {name});
    return out;
}

json::Value parameter(std::string_view name, std::string_view kind, json::Value value) {
    json::Object out;
    out.set("name", name);
    out.set(std::string(kind), std::move(value));
    return out;
}
json::Value counter(std::string_view name, std::uint64_t value) {
    return parameter(name, "valueString", std::to_string(value));
}

std::string parameters_resource(json::Array list) {
    json::Object out;
    out.set("resourceType", "Parameters");
    out.set("parameter", std::move(list));
    return json::write(json::Value(std::move(out)));
}

void add_text(json::Array& parts, std::string_view name, std::string_view text) {
    if (!text.empty()) parts.push_back(parameter(name, "valueString", text));
}

const json::Value* first_of(const json::Value* list) {
    const auto* array = list == nullptr ? nullptr : list->if_array();
    return array == nullptr || array->empty() ? nullptr : &array->front();
}

// One line of the report, in the patient's terms.
json::Value report_line(const chain::StoredEvent& stored) {
    json::Array parts;
    add_text(parts, "event", "AuditEvent/" + stored.keys.id);
    add_text(parts, "when", base::format_instant(stored.entry.time_us));
    const auto event = json::parse(stored.content);
    if (!event) {
        add_text(parts, "note", "erased");
    } else {
        add_text(parts, "action", event->text("action"));
        if (const auto* subtype = first_of(event->find("subtype"))) add_text(parts, "interaction", subtype->text("code"));
        add_text(parts, "outcome", event->text("outcome") == "0" ? "granted" : "refused or failed");
        const auto* agents = event->find("agent");
        for (const auto& agent : *agents->if_array()) {
            const auto* requestor = agent.find("requestor");
            if (requestor == nullptr || !requestor->if_bool() || !*requestor->if_bool()) continue;
            if (const auto* who = agent.find("who")) add_text(parts, "who", who->text("reference"));
            if (const auto* purposes = agent.find("purposeOfUse")) {
                for (const auto& purpose : *purposes->if_array()) {
                    if (const auto* coding = first_of(purpose.find("coding"))) add_text(parts, "why", coding->text("code"));
                }
            }
            if (const auto* policies = agent.find("policy")) {
                for (const auto& policy : *policies->if_array()) add_text(parts, "under", *policy.if_string());
            }
        }
        const auto* entities = event->find("entity");
        for (const auto& entity : *entities->if_array()) {
            const auto* what = entity.find("what");
            if (what != nullptr) add_text(parts, "what", what->text("reference"));
        }
    }
    json::Object line;
    line.set("name", "access");
    line.set("part", std::move(parts));
    return line;
}

}  // namespace

base::Result<std::pair<std::uint64_t, std::uint64_t>> integrity_range(const http::Query& parameters, const Services& services) {
    std::uint64_t from = 0, to = services.log.size();
    for (const auto& [name, value] : parameters) {
        if (name == "_format" || name == "_pretty") continue;
        if (name != "from" && name != "to") return base::fail(Kind::invalid, "$verify-integrity takes from and to, not '" + std::string(base::utf8_prefix(name, 64)) + "'", {std::string(base::utf8_prefix(name, 64))});
        auto n = number(name, value);
        if (!n) return base::pass(n);
        (name == "from" ? from : to) = *n;
    }
    if (to > services.log.size() || from > to) {
        return base::fail(Kind::invalid, "the chain holds the entries 0 to " + std::to_string(services.log.size()) + "; from and to must lie in it", {"from", "to"});
    }
    return std::pair{from, to};
}

base::Result<std::string> integrity_report(const Services& services, std::pair<std::uint64_t, std::uint64_t> range) {
    json::Array list;
    std::vector<std::string> findings;
    // An empty range is intact and asks for the checkpoint and the key alone.
    base::Result<chain::RangeReport> report = chain::RangeReport{};
    const auto look = [&](const chain::RangeFinding& finding) {
        if (!finding.good && findings.size() < kMostFindings) findings.push_back(finding.sentence);
    };
    if (range.first < range.second) report = chain::verify_range(services.log, range.first, range.second, look);
    if (!report) return base::pass(report);
    const auto bad = report->entries - report->good;
    list.push_back(counter("from", range.first));
    list.push_back(counter("to", range.second));
    list.push_back(counter("checked", report->entries));
    list.push_back(counter("erased", report->erased));
    list.push_back(parameter("intact", "valueBoolean", bad == 0));
    list.push_back(counter("findings", bad));
    for (const auto& finding : findings) list.push_back(parameter("finding", "valueString", finding));
    if (report->checkpoint) list.push_back(parameter("checkpoint", "valueString", report->checkpoint->note));
    list.push_back(parameter("verifierKey", "valueString", services.log.verifier_key()));
    return parameters_resource(std::move(list));
}

base::Result<std::string> access_report_of(const Attempt& a, const Services& services, const http::Query& parameters) {
    chain::EventQuery query;
    query.patients = {a.action.id};
    query.limit = services.settings.page_max;
    for (const auto& [name, value] : parameters) {
        if (name == "_format" || name == "_pretty") continue;
        if (name != "_count" && name != "before") return base::fail(Kind::invalid, "$access-report takes _count and before, not '" + std::string(base::utf8_prefix(name, 64)) + "'", {std::string(base::utf8_prefix(name, 64))});
        auto n = number(name, value);
        if (!n) return base::pass(n);
        if (name == "_count") query.limit = std::min<std::size_t>(std::max<std::uint64_t>(*n, 1), services.settings.page_max);
        else query.before_seq = *n;
    }
    auto hits = services.log.search(query);
    if (!hits) return base::pass(hits);
    json::Array list;
    for (const auto seq : hits->seqs) {
        auto event = services.log.event(seq);
        if (!event) return base::pass(event);
        list.push_back(report_line(*event));
    }
    if (hits->more && !hits->seqs.empty()) list.push_back(counter("next", hits->seqs.back()));
    if (list.empty()) list.push_back(parameter("note", "valueString", "no access to this record is in the trail"));
    return parameters_resource(std::move(list));
}

}  // namespace rest
