// The invariants that R4 4.0.1 published with faults, and those that code stands for. Each says why; a test holds every key and the
// official text against the definitions, so that a corrected definition is not mended twice.
#include "fhir/validate/invariants.hpp"

#include "fhir/validate/mended_invariants.hpp"

#include <algorithm>

namespace validate {
namespace {

constexpr Mended kMended[] = {
    {"dom-2", "", "contained.cpp: asked of each contained resource, at its place"},
    {"dom-3", "", "contained.cpp: 'as' on many items is an error, and the expression forgets references in extensions"},
    {"dom-4", "", "contained.cpp: asked of each contained resource, at its place"},
    {"dom-5", "", "contained.cpp: asked of each contained resource, at its place"},
    {"dom-6", "", "best practice of the outermost resource only; walker.cpp asks it there, as contained resources have their text in the outer one"},
    {"txt-1", "", "narrative.cpp: htmlChecks() is no FHIRPath function"},
    {"txt-2", "", "narrative.cpp: the same expression as txt-1, although it means another rule"},
    {"ref-1", "", "reference_targets.cpp: '#' alone means the container, and the contained resource is looked up there anyway"},
    {"qty-3", "", "quantities.cpp: asked of every Quantity"},
    {"app-4", "Appointment.cancelationReason.exists() implies (Appointment.status='noshow' or Appointment.status='cancelled')", "the code is noshow, not no-show"},
    {"bdl-3", "entry.all(request.exists() implies (%resource.type = 'batch' or %resource.type = 'transaction' or %resource.type = 'history')) and "
              "((%resource.type = 'batch' or %resource.type = 'transaction' or %resource.type = 'history') implies entry.all(request.exists()))",
     "the same rule, without comparing booleans that may be empty when type is missing"},
    {"bdl-4", "entry.all(response.exists() implies (%resource.type = 'batch-response' or %resource.type = 'transaction-response' or %resource.type = 'history')) and "
              "((%resource.type = 'batch-response' or %resource.type = 'transaction-response' or %resource.type = 'history') implies entry.all(response.exists()))",
     "the same rule, without comparing booleans that may be empty when type is missing"},
    {"con-3", "clinicalStatus.exists() or verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code = 'entered-in-error').exists() or "
              "category.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-category' and code='problem-list-item').empty()",
     "compares a CodeableConcept with a string"},
    {"eld-16", "sliceName.empty() or sliceName.matches('^[a-zA-Z0-9/\\\\-_\\\\[\\\\]@]+$')", "escapes characters that regular expressions do not let be escaped"},
    {"eld-19", "path.matches('^[^\\\\s.,:;\\'\"/|?!@#$%&*()\\\\[\\\\]{}]{1,64}([.][^\\\\s.,:;\\'\"/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\[x\\\\])?(:[^\\\\s.]+)?)*$')",
     "escapes too much, and lacks the anchors"},
    {"eld-20", "path.matches('^[A-Za-z][A-Za-z0-9]*([.][a-z][A-Za-z0-9]*(\\\\[x\\\\])?)*$')", "an open bracket, and no anchors"},
    {"opd-3", "targetProfile.exists() implies (type = 'Reference' or type = 'canonical' or type.memberOf('http://hl7.org/fhir/ValueSet/all-resource-types') or type = 'Any' or "
              "type = 'Resource' or type = 'uri')",
     "HL7's own operations give the target of a uri or of a resource"},
    {"que-7", "operator = 'exists' implies (answer is boolean)", "the type is FHIR's boolean"},
    {"que-12", "enableWhen.count() >= 2 implies enableBehavior.exists()", "the rule's text says: more than one"},
    {"ras-2", "probability.empty() or ((probability is decimal) implies ((probability as decimal) <= 100))", "empty when there is no probability"},
    {"tim-9", "offset.empty() or (when.exists() and when.select($this in ('C' | 'CM' | 'CD' | 'CV')).allFalse())", "'in' takes one item on its left; when repeats"},
    {"sdf-19", "", "says nothing about instances: it is HL7's rule for its own definitions"},
    {"ppc-2", "patient.exists() or scope.coding.where(system='http://terminology.hl7.org/CodeSystem/consentscope' and code='patient-privacy').exists().not()",
     "'something' was left in place of the system"},
    {"ppc-3", "patient.exists() or scope.coding.where(system='http://terminology.hl7.org/CodeSystem/consentscope' and code='research').exists().not()",
     "'something' was left in place of the system"},
    {"ppc-4", "patient.exists() or scope.coding.where(system='http://terminology.hl7.org/CodeSystem/consentscope' and code='adr').exists().not()",
     "'something' was left in place of the system"},
    {"ppc-5", "patient.exists() or scope.coding.where(system='http://terminology.hl7.org/CodeSystem/consentscope' and code='treatment').exists().not()",
     "'something' was left in place of the system"},
};

}  // namespace

std::span<const Mended> mended_invariants() {
    return kMended;
}

std::string_view mended_expression(const definitions::Constraint& constraint) {
    const auto* at = std::find_if(std::begin(kMended), std::end(kMended), [&](const Mended& m) { return m.key == constraint.key; });
    return at == std::end(kMended) ? constraint.expression : at->expression;
}

}  // namespace validate
