#include "fhir/search/compartments.hpp"

#include "fhir/definitions/definitions.hpp"

#include <algorithm>
#include <array>

namespace search {
namespace {

// The patients of one criterion, or nullopt when one of its values can match others' records.
std::optional<std::vector<std::string>> patients_of(const store::Criterion& criterion, std::string_view type) {
    using Op = store::Criterion::Op;
    const bool own_id = type == "Patient" && criterion.param == "_id";
    const auto members = patient_parameters(type);
    const bool member = std::find(members.begin(), members.end(), criterion.param) != members.end();
    // Wherever R4 has `patient`, it finds Patients in an element that makes the resource theirs, under this or another parameter's name.
    const bool patient = criterion.param == "patient" && !members.empty();
    if (!own_id && !patient && !(member && criterion.kind == store::IndexEntry::Kind::reference)) return std::nullopt;
    std::vector<std::string> out;
    for (const auto& value : criterion.any_of) {
        if (value.op != Op::equals || (!own_id && value.system != "Patient")) return std::nullopt;
        if (std::find(out.begin(), out.end(), value.value) == out.end()) out.push_back(value.value);
    }
    return out;
}

}  // namespace

std::span<const std::string_view> patient_parameters(std::string_view type) {
    static constexpr std::array<std::string_view, 1> kPatient{"patient"};
    const auto members = definitions::compartment_parameters("Patient", type);
    if (!members.empty() || definitions::search_parameter(type, "patient") == nullptr) return members;
    return kPatient;
}
bool in_patient_compartment(std::string_view type) {
    return !patient_parameters(type).empty();
}

std::optional<std::vector<std::string>> patients_named(const store::Query& query) {
    std::optional<std::vector<std::string>> out;
    for (const auto& criterion : query.criteria) {
        auto named = patients_of(criterion, query.type);
        if (!named) continue;
        if (out) {
            std::erase_if(*out, [&](const std::string& id) { return std::find(named->begin(), named->end(), id) == named->end(); });
        } else {
            out = std::move(named);
        }
    }
    return out;
}

}  // namespace search
