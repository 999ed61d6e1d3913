// Resources outside every patient's compartment: no consent speaks for them, so roles and the kind of resource decide.
#include "consent/decide/decide.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace consent {
namespace {

// What defines how records are made: for everyone to read, for operators to write. Sorted.
constexpr std::array<std::string_view, 32> kDefinitional{"ActivityDefinition",
                                                         "CapabilityStatement",
                                                         "ChargeItemDefinition",
                                                         "CodeSystem",
                                                         "CompartmentDefinition",
                                                         "ConceptMap",
                                                         "EffectEvidenceSynthesis",
                                                         "EventDefinition",
                                                         "Evidence",
                                                         "EvidenceVariable",
                                                         "ExampleScenario",
                                                         "GraphDefinition",
                                                         "ImplementationGuide",
                                                         "Library",
                                                         "Measure",
                                                         "MessageDefinition",
                                                         "NamingSystem",
                                                         "ObservationDefinition",
                                                         "OperationDefinition",
                                                         "PlanDefinition",
                                                         "Questionnaire",
                                                         "ResearchDefinition",
                                                         "ResearchElementDefinition",
                                                         "RiskEvidenceSynthesis",
                                                         "SearchParameter",
                                                         "SpecimenDefinition",
                                                         "StructureDefinition",
                                                         "StructureMap",
                                                         "TerminologyCapabilities",
                                                         "TestReport",
                                                         "TestScript",
                                                         "ValueSet"};

// Who and what there is to treat with. Sorted.
constexpr std::array<std::string_view, 32> kAdministrative{"BiologicallyDerivedProduct",
                                                           "CatalogEntry",
                                                           "Device",
                                                           "DeviceDefinition",
                                                           "Endpoint",
                                                           "HealthcareService",
                                                           "InsurancePlan",
                                                           "Location",
                                                           "Medication",
                                                           "MedicationKnowledge",
                                                           "MedicinalProduct",
                                                           "MedicinalProductAuthorization",
                                                           "MedicinalProductContraindication",
                                                           "MedicinalProductIndication",
                                                           "MedicinalProductIngredient",
                                                           "MedicinalProductInteraction",
                                                           "MedicinalProductManufactured",
                                                           "MedicinalProductPackaged",
                                                           "MedicinalProductPharmaceutical",
                                                           "MedicinalProductUndesirableEffect",
                                                           "Organization",
                                                           "OrganizationAffiliation",
                                                           "Practitioner",
                                                           "PractitionerRole",
                                                           "ResearchStudy",
                                                           "Schedule",
                                                           "Slot",
                                                           "Substance",
                                                           "SubstanceNucleicAcid",
                                                           "SubstancePolymer",
                                                           "SubstanceProtein",
                                                           "SubstanceSpecification"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& types, std::string_view type) {
    return std::binary_search(types.begin(), types.end(), type);
}

// A Device or Slot may lie outside the compartment by R4's definition and still name a patient; then it is no shared register entry.
bool names_a_patient(const Facts& facts) {
    return std::any_of(facts.references.begin(), facts.references.end(), [](const std::string& r) { return r.starts_with("Patient/"); });
}

Decision answer(bool permits, const char* rule) {
    return {permits ? Verdict::permit : Verdict::deny, rule, {}};
}

}  // namespace

Decision decide_unowned(const Requester& requester, Action action, const Facts& facts, const Policy&) {
    static_assert(std::is_sorted(kDefinitional.begin(), kDefinitional.end()));
    static_assert(std::is_sorted(kAdministrative.begin(), kAdministrative.end()));
    if (facts.type == "AuditEvent") return answer(false, "audit-events-apart");
    const bool reads = action != Action::create && action != Action::update && action != Action::remove;
    const bool definitional = among(kDefinitional, facts.type);
    if ((definitional || among(kAdministrative, facts.type)) && !names_a_patient(facts)) {
        if (reads) return answer(true, "administrative");
        const bool operators = requester.role == Role::admin || requester.role == Role::system;
        const bool may = operators || (!definitional && requester.role == Role::practitioner);
        return answer(may, may ? "administrative" : "role");
    }
    // Clinical content that names no patient of this server (an Observation of a group, a Binary): it stays with who wrote it.
    if (requester.role != Role::practitioner && requester.role != Role::system) return answer(false, "role");
    if (requester.organization.empty()) return answer(false, "no-organisation");
    const bool own = facts.owner_org == requester.organization || (action == Action::create && facts.owner_org.empty());
    return answer(own, own ? "same-organisation" : "other-organisation");
}

}  // namespace consent
