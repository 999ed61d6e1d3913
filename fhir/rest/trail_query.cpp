// The parameters of an AuditEvent search, as fhir/search reads those of every other type. Who reads "nothing" takes it for "nobody looked":
// a value that can be no entry's is an error, where R4 does not ask for an empty answer.
#include "fhir/codec/references.hpp"
#include "fhir/codec/resource.hpp"
#include "fhir/definitions/definitions.hpp"
#include "fhir/rest/audit_access.hpp"
#include "fhir/rest/audit_event.hpp"
#include "fhir/search/parse_query.hpp"
#include "fhir/search/parse_value.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace rest {
namespace {

using base::Kind;
using Op = store::Criterion::Op;

constexpr std::string_view kActionSystem = "http://hl7.org/fhir/audit-event-action";
constexpr std::string_view kOutcomeSystem = "http://hl7.org/fhir/audit-event-outcome";
constexpr std::array<std::string_view, 8> kCriteria{"_id", "action", "agent", "date", "entity", "outcome", "patient", "subtype"};

tl::unexpected<base::Error> invalid(std::string_view name, std::string diagnostics) {
    return base::fail(Kind::invalid, std::move(diagnostics), {std::string(name)});
}

base::Status apply_date(chain::EventQuery& query, std::string value) {
    std::string prefix = "eq";
    if (value.size() > 2 && value[0] >= 'a' && value[0] <= 'z') {
        prefix = value.substr(0, 2);
        value.erase(0, 2);
    }
    const auto span = base::parse_datetime(value);
    if (!span) return base::pass(span);
    const auto narrow = [&](std::optional<base::TimeUs> from, std::optional<base::TimeUs> before) {
        if (from) query.from_us = std::max(query.from_us.value_or(*from), *from);
        if (before) query.before_us = std::min(query.before_us.value_or(*before), *before);
    };
    if (prefix == "eq")
        narrow(span->low, span->high);
    else if (prefix == "ge")
        narrow(span->low, {});
    else if (prefix == "gt" || prefix == "sa")
        narrow(span->high, {});
    else if (prefix == "le")
        narrow({}, span->high);
    else if (prefix == "lt" || prefix == "eb")
        narrow({}, span->low);
    else
        return invalid("date", "date takes the prefixes eq ge gt sa le lt eb");
    return {};
}

// What the trail names that is no resource of R4: a request id, the address of a stranger, "operator".
bool is_name(std::string_view text) {
    return text.find('/') == std::string_view::npos && text.find('?') == std::string_view::npos && !text.starts_with("#") && !text.starts_with("urn:");
}

// Adds what the log keeps for one value of agent or entity. `modifier`: a type, or empty.
base::Status add_reference(std::vector<std::string>& out, std::string_view name, std::string_view part, std::string_view modifier,
                           const Settings& settings) {
    const auto plain = search::unescape(part);
    if (!plain) return base::pass(plain);
    if (codec::valid_id(*plain) && !modifier.empty()) {
        out.push_back(std::string(modifier) + "/" + *plain);
        return {};
    }
    if (modifier.empty() && is_name(*plain)) {
        out.push_back(*plain);
        // R4: an id alone means a resource of any type that may stand there.
        if (codec::valid_id(*plain)) {
            for (const auto type : definitions::resource_types()) out.push_back(std::string(type) + "/" + *plain);
        }
        return {};
    }
    const auto* definition = definitions::search_parameter("AuditEvent", name);
    CHECK(definition != nullptr);
    const auto value = search::reference_value(part, modifier, *definition, settings.base_url);
    if (!value) return base::pass(value);
    if (value->system.empty()) return invalid(name, "The trail names resources of this server alone (" + settings.base_url + "), by Type/id");
    out.push_back(value->system + "/" + value->value);
    return {};
}

// Every parameter of type reference, for all the comma divides.
base::Status apply_reference(chain::EventQuery& query, std::string_view name, const std::vector<std::string_view>& parts, std::string_view modifier,
                             const Settings& settings) {
    const bool of_patient = name == "patient";
    auto& out = of_patient ? query.patients : name == "agent" ? query.agents : query.entities;
    for (const auto part : parts) {
        if (auto done = add_reference(out, name, part, of_patient && modifier.empty() && codec::valid_id(part) ? "Patient" : modifier, settings); !done) return done;
        if (!of_patient) continue;
        if (!out.back().starts_with("Patient/")) return invalid(name, "patient is searched for by Patient/id, by its id or by its URL on this server");
        out.back().erase(0, 8);
    }
    return {};
}

// The codes of a token that an entry may bear: `all` are those of `system`. Several values of one parameter add up.
base::Result<std::vector<std::string>> codes_of(std::string_view name, std::string_view part, std::string_view system, const std::vector<std::string>& all) {
    const auto token = search::token_value(part, false);
    if (!token) return base::pass(token);
    // R4 fixes the system of a code, which thus is never without one.
    if (token->op == Op::no_system || (token->op != Op::any_system && token->system != system)) return std::vector<std::string>();
    if (token->op == Op::any_code) return all;
    if (std::find(all.begin(), all.end(), token->value) != all.end()) return std::vector{token->value};
    std::string list;
    for (const auto& code : all) list += " " + code;
    return invalid(name, std::string(name) + " is one of" + list);
}

base::Status apply_token(chain::EventQuery& query, std::string_view name, const std::vector<std::string_view>& parts) {
    static const std::vector<std::string> kActions{"C", "R", "U", "D", "E"}, kOutcomes{"0", "4", "8", "12"};
    bool found = false;
    for (const auto part : parts) {
        auto codes = name == "action"    ? codes_of(name, part, kActionSystem, kActions)
                     : name == "outcome" ? codes_of(name, part, kOutcomeSystem, kOutcomes)
                                         : stored_subtypes(part);
        if (!codes) return base::pass(codes);
        for (auto& code : *codes) {
            found = true;
            if (name == "action") query.actions += code;
            else if (name == "outcome") query.outcomes.push_back(static_cast<std::uint8_t>(std::stoi(code)));
            else query.subtypes.push_back(std::move(code));
        }
    }
    if (!found) query.nothing = true;
    return {};
}

base::Status apply_criterion(chain::EventQuery& query, const std::string& name, const std::string& value, const Settings& settings) {
    const auto colon = name.find(':');
    const auto code = std::string_view(name).substr(0, colon);
    const auto modifier = colon == std::string::npos ? std::string_view() : std::string_view(name).substr(colon + 1);
    const bool reference = code == "patient" || code == "agent" || code == "entity";
    const bool typed = reference && (code == "patient" ? modifier == "Patient" : definitions::is_resource_type(modifier));
    if (colon != std::string::npos && !typed) {
        return base::fail(Kind::invalid, "AuditEvent search does not know the modifier of '" + std::string(base::utf8_prefix(name, 64)) + "'", {std::string(code)}, "not-supported");
    }
    if (code == "date") return apply_date(query, value);
    const auto parts = search::split_unescaped(value, ',');
    const auto most = search::QueryLimits().values;
    if (parts.size() > most) return base::fail(Kind::too_large, "A search parameter takes at most " + std::to_string(most) + " values", {std::string(code)});
    if (std::any_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty(); })) return invalid(code, "One of the values is empty");
    if (reference) return apply_reference(query, code, parts, modifier, settings);
    if (code != "_id") return apply_token(query, code, parts);
    for (const auto part : parts) {
        auto id = search::id_value(part);
        if (!id) return base::pass(id);
        query.ids.push_back(std::move(id->value));
    }
    return {};
}

base::Status apply(chain::EventQuery& query, const std::string& name, const std::string& value, const Settings& settings, bool& known) {
    known = true;
    if (std::find(kCriteria.begin(), kCriteria.end(), std::string_view(name).substr(0, name.find(':'))) != kCriteria.end()) {
        return apply_criterion(query, name, value, settings);
    }
    if (name == "_count") {
        const auto count = search::page_size(value, settings.page_max);
        if (!count) return base::pass(count);
        query.limit = *count;
    } else if (name == "_total") {
        if (value != "none" && value != "estimate" && value != "accurate") return invalid(name, "_total is none, estimate or accurate");
        query.count_total = value != "none";
    } else {
        known = name == "_format" || name == "_pretty" || name == "_summary" || name == "_elements";
    }
    return {};
}

}  // namespace

base::Result<chain::EventQuery> event_query(const http::Query& parameters, const Settings& settings, bool lenient, http::Query& used) {
    chain::EventQuery query;
    query.limit = settings.page_default;
    std::set<std::string_view> seen;
    for (const auto& [name, value] : parameters) {
        if (value.empty()) continue;
        bool known = false;
        if (auto done = apply(query, name, value, settings, known); !done) {
            if (done.error().expression.empty()) done.error().expression.emplace_back(base::utf8_prefix(name, 64));
            return base::pass(done);
        }
        // Twice means both (R4 search.html#combining), and an entry is found by any of what one parameter says.
        if (known && name != "date" && !seen.insert(std::string_view(name).substr(0, name.find(':'))).second) {
            return base::fail(Kind::invalid, "AuditEvent search takes '" + name + "' once; values divided by commas mean any of them", {name}, "not-supported");
        }
        if (known)
            used.emplace_back(name, name == "_count" ? std::to_string(query.limit) : value);
        else if (!lenient) {
            return base::fail(
                Kind::invalid,
                "AuditEvent search does not know '" + std::string(base::utf8_prefix(name, 64)) +
                    "'; it takes _id, date, patient, agent, entity, action, outcome, subtype, _count, _total, _summary, _elements",
                {std::string(base::utf8_prefix(name, 64))}, "not-supported");
        }
    }
    return query;
}

}  // namespace rest
