#include "fhir/search/plan.hpp"

#include "fhir/search/compartments.hpp"
#include "fhir/search/parameters.hpp"

#include <algorithm>
#include <array>
#include <mutex>

namespace search {
namespace {

// Elements that say who made the statement a resource holds, where they are References: the record's author, its performer, who recorded,
// asserted, asked for, sent, entered, signed or interpreted it, and the organisation at which an encounter took place. Not the custodian
// or the managing organisation: they keep a record that others wrote.
constexpr std::array<std::string_view, 32> kAuthors{"author",
                                                    "performer",
                                                    "performer.actor",
                                                    "recorder",
                                                    "asserter",
                                                    "requester",
                                                    "sender",
                                                    "source",
                                                    "informationSource",
                                                    "enterer",
                                                    "provider",
                                                    "prescriber",
                                                    "orderer",
                                                    "operator",
                                                    "assessor",
                                                    "reporter",
                                                    "supplier",
                                                    "authenticator",
                                                    "expressedBy",
                                                    "interpreter",
                                                    "resultsInterpreter",
                                                    "agent.who",
                                                    "attester.party",
                                                    "participant.individual",
                                                    "collection.collector",
                                                    "serviceProvider",
                                                    "practitioner",
                                                    "careManager",
                                                    "evaluator",
                                                    "practitionerRole",
                                                    "verifier",
                                                    "creator"};

// The codes that say what a resource is about. Those of components count: R4's Consent.provision.code speaks of a code "found in an
// instance".
constexpr std::array<std::string_view, 10> kCodes{"code",       "type",        "category",        "class",          "vaccineCode",
                                                  "medication", "serviceType", "serviceCategory", "component.code", "modality"};

// When the thing described took place, before when it was written down. A birth date is no clinical time.
constexpr std::array<std::string_view, 26> kTimes{
    "effective",      "onset",          "occurrence",     "occurred",       "performed",    "period",       "collection.collected",
    "servicedPeriod", "billablePeriod", "started",        "whenHandedOver", "whenPrepared", "timing",       "start",
    "identified",     "relevantPeriod", "context.period", "authoredOn",     "authored",     "recordedDate", "recorded",
    "dateTime",       "date",           "issued",         "created",        "sent"};

constexpr std::array<std::string_view, 4> kPersonal{"Identifier", "HumanName", "ContactPoint", "Address"};
constexpr std::array<std::string_view, 7> kTimeTypes{"date", "dateTime", "instant", "Period", "Timing", "Age", "Range"};

// Compiles the elements of the list that the type has and whose results are all of the given kind.
template <std::size_t N, class Fits>
std::vector<PathExpression> those_of(const std::array<std::string_view, N>& names, std::string_view type, Fits fits) {
    std::vector<PathExpression> out;
    for (const auto name : names) {
        auto path = PathExpression::compile(std::string(type) + "." + std::string(name), type);
        if (!path) continue;  // the type has no such element
        const auto types = path->result_types();
        if (std::any_of(types.begin(), types.end(), fits)) out.push_back(std::move(*path));
    }
    return out;
}

PathExpression compiled(const definitions::SearchParameter& parameter, std::string_view type) {
    auto path = PathExpression::compile(parameter.expression, type);
    CHECK(path.has_value());  // R4's own expressions; a test compiles every one
    return std::move(*path);
}

TypePlan make_plan(std::string_view type) {
    TypePlan out;
    for (const auto code : {"_id", "_lastUpdated"}) out.supported.push_back(definitions::search_parameter(type, code));
    for (const auto code : indexed_parameters()) {
        const auto* parameter = definitions::search_parameter(type, code);
        if (parameter == nullptr) continue;
        auto path = compiled(*parameter, type);
        const bool personal = names_a_person(path);
        out.indexed.push_back({parameter, std::move(path), personal});
        out.supported.push_back(parameter);
    }
    for (const auto code : patient_parameters(type)) {
        out.patients.push_back(compiled(*definitions::search_parameter(type, code), type));
    }
    out.authors = those_of(kAuthors, type, [](std::string_view t) { return t == "Reference"; });
    out.codes = those_of(kCodes, type, [](std::string_view t) { return t == "CodeableConcept" || t == "Coding"; });
    out.times =
        those_of(kTimes, type, [](std::string_view t) { return std::find(kTimeTypes.begin(), kTimeTypes.end(), t) != kTimeTypes.end(); });
    return out;
}

}  // namespace

bool names_a_person(const PathExpression& path) {
    return std::any_of(kPersonal.begin(), kPersonal.end(), [&](std::string_view type) { return path.passes_through(type); });
}

const TypePlan* plan(std::string_view type) {
    // One slot for each type, filled on first use: starting the server should not wait for types that nobody sends.
    struct Slot {
        std::once_flag once;
        TypePlan plan;
    };
    const auto types = definitions::resource_types();
    static std::vector<Slot> slots(types.size());
    const auto found = std::lower_bound(types.begin(), types.end(), type);
    if (found == types.end() || *found != type) return nullptr;
    auto& slot = slots[static_cast<std::size_t>(found - types.begin())];
    std::call_once(slot.once, [&] { slot.plan = make_plan(*found); });
    return &slot.plan;
}

}  // namespace search
