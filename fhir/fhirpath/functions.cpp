#include "fhir/fhirpath/functions.hpp"

#include <algorithm>

namespace fhirpath {
namespace {

std::vector<Function> all_sorted() {
    std::vector<Function> out;
    for (const auto* group : {&existence_functions(), &collection_functions(), &conversion_functions(), &string_functions(),
                              &math_functions(), &tree_functions(), &temporal_functions(), &utility_functions()}) {
        out.insert(out.end(), group->begin(), group->end());
    }
    std::sort(out.begin(), out.end(), [](const Function& a, const Function& b) { return a.name < b.name; });
    return out;
}

}  // namespace

const Function* find_function(std::string_view name) {
    static const std::vector<Function> kFunctions = all_sorted();
    const auto found =
        std::lower_bound(kFunctions.begin(), kFunctions.end(), name, [](const Function& f, std::string_view key) { return f.name < key; });
    return found != kFunctions.end() && found->name == name ? &*found : nullptr;
}

}  // namespace fhirpath
