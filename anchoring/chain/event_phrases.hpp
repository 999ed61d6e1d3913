// The words of fhir/rest/audit_event.cpp, by their numbers in packing 2.
#pragma once

#include <array>
#include <string_view>

namespace chain {

// DO NOT CHANGE, only append (at most 127): what is stored says a phrase by its place here. Each begins with a quote or an opening brace and
// has at least 8 characters. Of several that fit the longest is taken, so the whole run of a read under a Consent stands beside its parts.
inline constexpr std::array kEventPhrases = std::to_array<std::string_view>({
    R"({"resourceType":"AuditEvent","id":")",
    R"(","meta":{"versionId":"1","lastUpdated":")",
    R"(","profile":["https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.)",
    R"(","profile":["https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"]},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"read"}],"action":"R","recorded":")",
    R"("]},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":")",
    R"("]},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[)",
    R"("},{"system":"http://kedge.dev/fhir/CodeSystem/operation","code":")",
    R"("}],"action":")",
    R"(","recorded":")",
    R"(","outcome":")",
    R"(","outcome":"0","agent":[{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110152","display":"Destination Role ID"}]},"who":{"identifier":{"value":")",
    R"(","outcome":"0","agent":[{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110153","display":"Source Role ID"}]},"who":{"identifier":{"value":")",
    R"(","agent":[{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110152","display":"Destination Role ID"}]},"who":{"identifier":{"value":")",
    R"(","agent":[{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110153","display":"Source Role ID"}]},"who":{"identifier":{"value":")",
    R"(","agent":[{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110150","display":"Application"}]},"who":{"identifier":{"value":")",
    R"(","outcomeDesc":")",
    R"("}},"requestor":false,"network":{"address":")",
    R"(","type":"2"}},{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110153","display":"Source Role ID"}]},"who":{"display":"kedge"},"requestor":false,"network":{"address":")",
    R"(","type":"2"}},{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110152","display":"Destination Role ID"}]},"who":{"display":"kedge"},"requestor":false,"network":{"address":")",
    R"(","type":"2"}},{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/provenance-participant-type","code":"custodian","display":"Custodian"}]},"who":{"display":"kedge"},"requestor":false,"network":{"address":")",
    R"(","type":"5"}},{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP","display":"information recipient"}]},"who":{"reference":")",
    R"(","type":"5"}},{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP","display":"information recipient"}]},"who":{"display":"unauthenticated"},"requestor":true)",
    R"("},"requestor":true)",
    R"("},"requestor":true,"policy":[)",
    R"("},"requestor":true,"policy":["Consent/)",
    R"("},"requestor":true,"policy":["urn:kedge:rule:)",
    R"("},"requestor":true,"policy":["urn:oauth:jti:)",
    R"(","urn:kedge:rule:)",
    R"(","urn:kedge:rule:consent","urn:oauth:jti:)",
    R"(","urn:oauth:jti:)",
    R"(","Consent/)",
    R"("],"purposeOfUse":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":")",
    R"("],"purposeOfUse":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]}]}],"source":{"site":")",
    R"("}]},{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":")",
    R"("}]}]}],"source":{"site":")",
    R"("]}],"source":{"site":")",
    R"("}}],"source":{"site":")",
    R"(","observer":{"display":"kedge"},"type":[{"system":"http://terminology.hl7.org/CodeSystem/security-source-type","code":"4","display":"Application Server"}]},"entity":[{"what":{"reference":")",
    R"(","observer":{"display":"kedge"},"type":[{"system":"http://terminology.hl7.org/CodeSystem/security-source-type","code":"4","display":"Application Server"}]},"entity":[{"what":{"identifier":{"value":")",
    R"(","observer":{"display":"kedge"},"type":[{"system":"http://terminology.hl7.org/CodeSystem/security-source-type","code":"4","display":"Application Server"}]},"entity":[{"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2","display":"System Object"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"24","display":"Query"},"query":")",
    R"("},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2","display":"System Object"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"4","display":"Domain Resource"}},{"what":{"reference":")",
    R"("},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2","display":"System Object"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"4","display":"Domain Resource"}},{"what":{"identifier":{"value":")",
    R"("},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2","display":"System Object"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"4","display":"Domain Resource"}},{"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2","display":"System Object"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"24","display":"Query"},"query":")",
    R"("},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"1","display":"Person"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"1","display":"Patient"}},{"what":{"identifier":{"value":")",
    R"("},{"what":{"reference":")",
    R"("},{"what":{"identifier":{"value":")",
    R"("}},"type":{"system":"https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType","code":"XrequestId"}}]})",
});

}  // namespace chain
