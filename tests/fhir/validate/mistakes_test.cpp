// What authors of resources get wrong, one mistake a test: each is refused at its place, with a sentence that helps.
#include "tests/fhir/validate/support.hpp"

#include <gtest/gtest.h>

namespace {

using validate_test::text_of;

struct Mistake {
    const char* name;
    const char* resource;
    const char* expression;  // of the issue
    const char* code;
    const char* says;  // part of the diagnostics
};
void PrintTo(const Mistake& mistake, std::ostream* out) {
    *out << mistake.name;
}

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreToldToTheAuthor) {
    const auto& mistake = GetParam();
    const auto resource = json::parse(mistake.resource);
    ASSERT_TRUE(resource.has_value()) << resource.error().diagnostics;
    validate::Issues errors;
    for (auto& issue : validate::validate(*resource)) {
        if (issue.severity == validate::Severity::error) errors.push_back(issue);
    }
    // One mistake, one error: no second sentence about the same thing.
    ASSERT_EQ(errors.size(), 1u) << text_of(errors);
    EXPECT_EQ(errors[0].expression, mistake.expression) << text_of(errors);
    EXPECT_EQ(errors[0].code, mistake.code) << text_of(errors);
    EXPECT_NE(errors[0].diagnostics.find(mistake.says), std::string::npos) << text_of(errors);
}

const Mistake kStructure[] = {
    {"unknown_element", R"({"resourceType":"Patient","colour":"red"})", "Patient.colour", "structure", "Patient has no element 'colour' in R4"},
    {"misspelt", R"({"resourceType":"Patient","birthdate":"1970-01-01"})", "Patient.birthdate", "structure", "did you mean 'birthDate'?"},
    {"choice_without_type", R"({"resourceType":"Patient","deceased":true})", "Patient.deceased", "structure", "deceasedBoolean, deceasedDateTime"},
    {"choice_of_wrong_type", R"({"resourceType":"Patient","multipleBirthString":"two"})", "Patient.multipleBirthString", "structure", "multipleBirthBoolean"},
    {"two_choices", R"({"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"})", "Patient.deceased", "structure", "takes one value"},
    {"single_for_array", R"({"resourceType":"Patient","name":{"family":"x"}})", "Patient.name", "structure", "put the value in [ ]"},
    {"array_for_single", R"({"resourceType":"Patient","gender":["male"]})", "Patient.gender", "structure", "takes one value, not an array"},
    {"string_for_object", R"({"resourceType":"Patient","name":["Peter"]})", "Patient.name[0]", "structure", "an object of type HumanName"},
    {"object_for_string", R"({"resourceType":"Patient","gender":{"value":"male"}})", "Patient.gender", "structure", "takes a code, not an object"},
    {"empty_object", R"({"resourceType":"Patient","name":[{}]})", "Patient.name[0]", "structure", "must not be empty"},
    {"empty_array", R"({"resourceType":"Patient","name":[]})", "Patient.name", "structure", "must not be empty"},
    {"empty_string", R"({"resourceType":"Patient","name":[{"family":""}]})", "Patient.name[0].family", "value", "must not be empty"},
    {"null_member", R"({"resourceType":"Patient","gender":null})", "Patient.gender", "structure", "null says nothing"},
    {"null_in_array", R"({"resourceType":"Patient","name":[{"given":["a",null]}]})", "Patient.name[0].given[1]", "structure", "leading _"},
    {"missing_required", R"({"resourceType":"Observation","code":{"text":"x"}})", "Observation.status", "required", "Observation.status must be given"},
    {"missing_choice", R"({"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"reference":"Patient/1"}})", "MedicationRequest.medication",
     "required", "MedicationRequest.medication[x] must be given"},
    {"unknown_type", R"({"resourceType":"Patent"})", "Patent.resourceType", "invalid", "no resource type of this name"},
    {"no_type", R"({"id":"x"})", "Resource.resourceType", "required", "resourceType is missing"},
    {"comments", R"({"resourceType":"Patient","fhir_comments":["x"]})", "Patient.fhir_comments", "structure", "no part of FHIR's JSON"},
    {"beside_length", R"({"resourceType":"Patient","name":[{"given":["a","b"],"_given":[{"id":"x"}]}]})", "Patient.name[0].given", "structure", "differ in length"},
    {"beside_string", R"({"resourceType":"Patient","gender":"male","_gender":"x"})", "Patient.gender", "structure", "object with the id and extensions"},
    {"beside_object", R"({"resourceType":"Patient","_name":[{"family":"x"}]})", "Patient._name", "structure", "no element '_name'"},
    {"only_an_id", R"({"resourceType":"Patient","name":[{"id":"a"}]})", "Patient.name[0]", "invariant", "ele-1"},
    {"same_element_ids", R"({"resourceType":"Patient","name":[{"id":"a","family":"x"},{"id":"a","family":"y"}]})", "Patient", "duplicate", "the same id"},
};
INSTANTIATE_TEST_SUITE_P(Structure, Mistakes, testing::ValuesIn(kStructure), [](const auto& info) { return std::string(info.param.name); });

const Mistake kValues[] = {
    {"quoted_boolean", R"({"resourceType":"Patient","active":"yes"})", "Patient.active", "value", "without quotes"},
    {"quoted_number", R"({"resourceType":"Patient","multipleBirthInteger":"2"})", "Patient.multipleBirth", "value", "without quotes"},
    {"fraction", R"({"resourceType":"Patient","multipleBirthInteger":2.0})", "Patient.multipleBirth", "value", "whole number"},
    {"integer_range", R"({"resourceType":"Patient","multipleBirthInteger":2147483648})", "Patient.multipleBirth", "value", "-2147483648 to 2147483647"},
    {"positive", R"({"resourceType":"Patient","telecom":[{"system":"phone","value":"1","rank":0}]})", "Patient.telecom[0].rank", "value", "1 to 2147483647"},
    {"number_as_string", R"({"resourceType":"Patient","language":7})", "Patient.language", "value", "in quotes"},
    {"german_date", R"({"resourceType":"Patient","birthDate":"30.03.1970"})", "Patient.birthDate", "value", "YYYY-MM-DD"},
    {"no_such_day", R"({"resourceType":"Patient","birthDate":"2023-02-29"})", "Patient.birthDate", "value", "no such day"},
    {"no_such_month", R"({"resourceType":"Patient","birthDate":"2023-13"})", "Patient.birthDate", "value", "01 to 12"},
    {"no_zone", R"({"resourceType":"Patient","deceasedDateTime":"2020-01-01T10:00:00"})", "Patient.deceased", "value", "needs a time zone"},
    {"no_seconds", R"({"resourceType":"Patient","deceasedDateTime":"2020-01-01T10:00Z"})", "Patient.deceased", "value", "seconds of a time must be given"},
    {"instant_is_whole", R"({"resourceType":"Patient","meta":{"lastUpdated":"2020-01-01"}})", "Patient.meta.lastUpdated", "value", "An instant is written"},
    {"long_id", R"({"resourceType":"Patient","id":"under_score"})", "Patient.id", "value", "1 to 64"},
    {"uri_with_blank", R"({"resourceType":"Patient","identifier":[{"system":"my system","value":"x"}]})", "Patient.identifier[0].system", "value", "no white space"},
    {"bad_uuid", R"({"resourceType":"Patient","identifier":[{"system":"urn:uuid:12","value":"x"}]})", "Patient.identifier[0].system", "value", "8-4-4-4-12"},
    {"bad_oid", R"({"resourceType":"Patient","identifier":[{"system":"urn:oid:3.4","value":"x"}]})", "Patient.identifier[0].system", "value", "An oid is written"},
    {"code_with_blanks", R"({"resourceType":"Patient","language":" de"})", "Patient.language", "value", "white space at its ends"},
    {"base64", R"({"resourceType":"Binary","contentType":"text/plain","data":"abc"})", "Binary.data", "value", "groups of four"},
    {"unknown_code", R"({"resourceType":"Patient","gender":"m"})", "Patient.gender", "code-invalid", "it takes female | male | other | unknown"},
    {"wrong_system", R"({"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"system":"http://x.example","code":"active"}]}})",
     "AllergyIntolerance.clinicalStatus.coding[0].code", "code-invalid", "With the system http://x.example"},
    {"no_system", R"({"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"code":"active"}]}})",
     "AllergyIntolerance.clinicalStatus.coding[0].system", "code-invalid", "without its system"},
    {"media_type", R"({"resourceType":"Binary","contentType":"plain","data":"abcd"})", "Binary.contentType", "code-invalid", "MimeType"},
    {"currency", R"({"resourceType":"Invoice","status":"draft","totalNet":{"value":1,"currency":"EURO"}})", "Invoice.totalNet.currency", "code-invalid", "'EURO'"},
    {"unit_without_system", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1,"code":"kg"}})", "Observation.value.system",
     "invariant", "qty-3"},
};
INSTANTIATE_TEST_SUITE_P(Values, Mistakes, testing::ValuesIn(kValues), [](const auto& info) { return std::string(info.param.name); });

const Mistake kLinks[] = {
    {"wrong_target", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Practitioner/1"}})", "Observation.subject.reference", "value",
     "Device, Group, Location, Patient, not to Practitioner"},
    {"bare_id", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"1234"}})", "Observation.subject.reference", "value", "Type/id"},
    {"nothing_contained", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"#p"}})", "Observation.subject.reference", "invariant",
     "ref-1"},
    {"contained_type",
     R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"#p"},"contained":[{"resourceType":"Practitioner","id":"p","active":true}]})",
     "Observation.subject.reference", "value", "not to Practitioner"},
    {"type_contradicts", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/1","type":"Group"}})", "Observation.subject.type",
     "value", "but type says Group"},
    {"not_referred_to", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"contained":[{"resourceType":"Patient","id":"p","active":true}]})",
     "Observation.contained[0]", "invariant", "dom-3"},
    {"contained_without_id", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"contained":[{"resourceType":"Patient","active":true}]})",
     "Observation.contained[0].id", "required", "needs an id"},
    {"contained_version",
     R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p","meta":{"versionId":"1"}}]})",
     "Observation.contained[0].meta", "invariant", "dom-4"},
    {"contained_label",
     R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p","meta":{"security":[{"system":"http://x.example","code":"R"}]}}]})",
     "Observation.contained[0].meta.security", "invariant", "dom-5"},
    {"extension_without_url", R"({"resourceType":"Patient","extension":[{"valueString":"x"}]})", "Patient.extension[0].url", "required", "needs its url"},
    {"extension_both", R"({"resourceType":"Patient","extension":[{"url":"http://x.example/a","valueString":"x","extension":[{"url":"b","valueString":"y"}]}]})",
     "Patient.extension[0]", "invariant", "not both"},
    {"extension_nothing", R"({"resourceType":"Patient","extension":[{"url":"http://x.example/a"}]})", "Patient.extension[0]", "invariant", "ext-1"},
    {"extension_relative", R"({"resourceType":"Patient","extension":[{"url":"colour","valueString":"x"}]})", "Patient.extension[0].url", "value", "absolute"},
    {"no_full_url", R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"1"}}]})", "Bundle.entry[0].fullUrl", "required",
     "needs a fullUrl"},
    {"parameter_type",
     R"({"resourceType":"CapabilityStatement","status":"draft","date":"2020","kind":"requirements","description":"x","fhirVersion":"4.0.1","format":["json"],"rest":[{"mode":"server","resource":[{"type":"Patient","searchParam":[{"name":"birthdate","definition":"http://hl7.org/fhir/SearchParameter/individual-birthdate","type":"token"}]}]}]})",
     "CapabilityStatement.rest[0].resource[0].searchParam[0].type", "value", "defines this search parameter as date"},
    {"profile_of_another_type", R"({"resourceType":"Patient","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/Observation"]}})", "Patient.meta.profile", "invalid", "is for Observation"},
    {"full_url_of_another_id", R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://x.example/Patient/1","resource":{"resourceType":"Patient","id":"2"}}]})",
     "Bundle.entry[0].fullUrl", "invalid", "does not end with the id"},
    {"uuid_without_scheme", R"({"resourceType":"Patient","identifier":[{"system":"urn:ietf:rfc:3986","value":"445d4eab-7da3-45cf-aa65-272344c8da08"}]})", "Patient.identifier[0].value",
     "value", "begins with its scheme"},
    {"relative_include", R"({"resourceType":"ValueSet","status":"draft","compose":{"include":[{"system":"loinc"}]}})", "ValueSet.compose.include[0].system", "value", "absolute URI"},
    {"no_fhirpath", R"({"resourceType":"SearchParameter","url":"http://x.example/s","name":"S","status":"draft","description":"d","code":"c","base":["Patient"],"type":"string","expression":"Patient.name.("})",
     "SearchParameter.expression", "invalid", "This is no FHIRPath"},
    {"unknown_entity", R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a&nothing;b&nbsp;</div>"}})", "Patient.text.div", "invariant",
     "no entity &nothing;"},
    {"relative_full_url", R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"Patient/1","resource":{"resourceType":"Patient","id":"1"}}]})",
     "Bundle.entry[0].fullUrl", "value", "A fullUrl is absolute"},
    {"inside_a_bundle", R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":{"resourceType":"Patient","gender":"m"}}]})",
     "Bundle.entry[0].resource.gender", "code-invalid", "'m'"},
};
INSTANTIATE_TEST_SUITE_P(Links, Mistakes, testing::ValuesIn(kLinks), [](const auto& info) { return std::string(info.param.name); });

const Mistake kDataTypes[] = {
    {"absent_code", R"({"resourceType":"Patient","_gender":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}})",
     "Patient.gender", "code-invalid", "does not stand for it"},
    {"text_for_code", R"({"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/1"},"clinicalStatus":{"text":"active"}})",
     "AllergyIntolerance.clinicalStatus.coding", "code-invalid", "text alone is not enough"},
    {"attachment_size", R"({"resourceType":"Patient","photo":[{"contentType":"image/png","data":"YWJj","size":4}]})", "Patient.photo[0].size", "value", "The data has 3 bytes"},
    {"value_set_as_system", R"({"resourceType":"Patient","maritalStatus":{"coding":[{"system":"http://hl7.org/fhir/ValueSet/marital-status","code":"M"}]}})",
     "Patient.maritalStatus.coding[0].system", "code-invalid", "URL of a value set"},
    {"relative_system", R"({"resourceType":"Patient","identifier":[{"system":"mrn","value":"x"}]})", "Patient.identifier[0].system", "value", "absolute URI"},
    {"extension_elsewhere", R"({"resourceType":"Patient","name":[{"family":"x","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueAddress":{"city":"x"}}]}]})",
     "Patient.name[0].extension[0]", "structure", "stands on Patient only"},
    {"extension_type", R"({"resourceType":"Patient","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueString":"x"}]})", "Patient.extension[0]",
     "structure", "a value of type Address, not String"},
    {"extension_part", R"({"resourceType":"Patient","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-animal","extension":[{"url":"species","valueCodeableConcept":{"text":"dog"}},{"url":"colour","valueString":"red"}]}]})",
     "Patient.extension[0].extension[1]", "structure", "it takes species, breed, genderStatus"},
    {"extension_lacks_part", R"({"resourceType":"Patient","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-animal","extension":[{"url":"breed","valueCodeableConcept":{"text":"poodle"}}]}]})",
     "Patient.extension[0]", "required", "needs the extension 'species'"},
    {"document_lacks_author", R"({"resourceType":"Bundle","type":"document","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:11111111-1111-4111-8111-111111111111"},"timestamp":"2020-01-01T00:00:00Z","entry":[{"fullUrl":"http://x.example/Composition/1","resource":{"resourceType":"Composition","id":"1","status":"final","type":{"text":"x"},"date":"2020","title":"x","author":[{"reference":"Practitioner/1"}]}}]})",
     "Bundle.entry[0].resource.author[0].reference", "not-found", "Practitioner/1, which is not in the Bundle"},
};
INSTANTIATE_TEST_SUITE_P(DataTypes, Mistakes, testing::ValuesIn(kDataTypes), [](const auto& info) { return std::string(info.param.name); });

const Mistake kNarrative[] = {
    {"script", R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x<script>alert(1)</script></div>"}})",
     "Patient.text.div", "invariant", "<script> is not allowed"},
    {"handler", R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p onclick=\"f()\">x</p></div>"}})",
     "Patient.text.div", "invariant", "onclick"},
    {"script_link", R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"java&#9;script:f()\">x</a></div>"}})",
     "Patient.text.div", "invariant", "script"},
    {"unclosed", R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</div>"}})", "Patient.text.div", "invariant",
     "</div> closes <p>"},
    {"no_namespace", R"({"resourceType":"Patient","text":{"status":"generated","div":"<div>x</div>"}})", "Patient.text.div", "invariant", "needs xmlns"},
    {"no_content", R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"> </div>"}})", "Patient.text.div", "invariant",
     "txt-2"},
    {"plain_text", R"({"resourceType":"Patient","text":{"status":"generated","div":"hello"}})", "Patient.text.div", "invariant", "begins with <div"},
    {"entity", R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a & b</div>"}})", "Patient.text.div", "invariant",
     "&amp;"},
};
INSTANTIATE_TEST_SUITE_P(Narrative, Mistakes, testing::ValuesIn(kNarrative), [](const auto& info) { return std::string(info.param.name); });

}  // namespace
