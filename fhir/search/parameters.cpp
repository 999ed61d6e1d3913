#include "fhir/search/parameters.hpp"

#include "fhir/search/plan.hpp"

#include <algorithm>
#include <array>

namespace search {
namespace {

// In byte order, so that what is built from it is sorted too.
constexpr std::array<std::string_view, 3> kIndexed{"identifier", "patient", "subject"};

}  // namespace

std::span<const std::string_view> indexed_parameters() {
    return kIndexed;
}

std::span<const definitions::SearchParameter* const> supported_parameters(std::string_view type) {
    static const std::array<const definitions::SearchParameter*, 2> kSystem{definitions::search_parameter("", "_id"),
                                                                            definitions::search_parameter("", "_lastUpdated")};
    if (type.empty()) return kSystem;
    const auto* found = plan(type);
    if (found == nullptr) return {};
    return found->supported;
}

const definitions::SearchParameter* supported_parameter(std::string_view type, std::string_view code) {
    const auto all = supported_parameters(type);
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto* parameter) { return parameter->code == code; });
    return found == all.end() ? nullptr : *found;
}

bool is_direct_identifier(std::string_view type, std::string_view code) {
    const auto* found = plan(type);
    return found != nullptr && std::any_of(found->indexed.begin(), found->indexed.end(), [&](const IndexedParameter& parameter) {
               return parameter.definition->code == code && parameter.direct_identifier;
           });
}

}  // namespace search
