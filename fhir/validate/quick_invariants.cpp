#include "fhir/validate/quick_invariants.hpp"

namespace validate {

void check_quantity(const json::Object& object, const definitions::Group& group, Report& report) {
    static const definitions::Group* const kQuantities[] = {definitions::group("Quantity"), definitions::group("Age"), definitions::group("Count"),
                                                            definitions::group("Distance"), definitions::group("Duration")};
    bool quantity = false;
    for (const auto* one : kQuantities) quantity = quantity || one == &group;
    if (!quantity || object.find("code") == nullptr || object.find("system") != nullptr) return;
    report.error("invariant", "qty-3: If a code for the unit is present, the system SHALL also be present", "system");
}

void check_has_narrative(const json::Value& resource, const definitions::Group& group, Report& report) {
    // Resources that are no DomainResource have no text at all.
    if (definitions::element(group, "text") == nullptr || definitions::element(group, "contained") == nullptr) return;
    const auto* text = resource.find("text");
    if (text == nullptr || text->find("div") == nullptr) report.warning("invariant", "dom-6: A resource should have narrative for robust management");
}

}  // namespace validate
