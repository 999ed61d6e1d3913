// FHIRPath Patch: the five operations, places that are lists, choices, primitives with extensions, nested resources, and each error.
#include "tests/fhir/patch/patching.hpp"

using patching::add;
using patching::operation;
using patching::parameters;
using patching::part;
using patching::quoted;
using patching::value;

namespace {

constexpr auto kPatient =
    R"({"resourceType":"Patient","birthDate":"1920-01-01","identifier":[{"value":"a"},{"value":"b"},{"value":"c"}],)"
    R"("name":[{"family":"F","given":["x","y"]}],"contact":[{"gender":"male","name":{"text":"one"}}],"deceasedBoolean":false})";

std::string run(const std::string& operations, std::string_view resource = kPatient) {
    return patching::patched(parameters(operations), resource);
}
std::string replace(std::string_view path, std::string_view member, std::string_view json) {
    return operation("replace", path, value(member, json));
}
std::string insert(std::string_view path, std::string_view index, const std::string& what) {
    return operation("insert", path, part("index", "valueInteger", index) + "," + what);
}
std::string move(std::string_view path, std::string_view source, std::string_view destination) {
    return operation("move", path, part("source", "valueInteger", source) + "," + part("destination", "valueInteger", destination));
}
// One member of the result, as text.
std::string member(std::string_view name, const std::string& resource) {
    if (resource.front() != '{') return resource;
    const auto tree = patching::tree(resource);
    const auto* found = tree.find(name);
    return found == nullptr ? "absent" : json::write(*found);
}
std::string patient(std::string_view members) {
    return R"({"resourceType":"Patient",)" + std::string(members) + "}";
}

TEST(FhirpathPatch, NothingToDo) {
    EXPECT_EQ(patching::patched(R"({"resourceType":"Parameters"})", kPatient), kPatient);
    EXPECT_EQ(patching::patched(R"({"resourceType":"Parameters","parameter":[]})", kPatient), kPatient);
}

TEST(FhirpathPatch, Primitives) {
    EXPECT_EQ(member("birthDate", run(replace("Patient.birthDate", "valueDate", R"("1930-01-01")"))), R"("1930-01-01")");
    EXPECT_EQ(member("birthDate", run(operation("delete", "Patient.birthDate"))), "absent");
    EXPECT_EQ(member("gender", run(add("Patient", "gender", value("valueCode", R"("male")")))), R"("male")");
    EXPECT_EQ(member("active", run(add("Patient", "active", value("valueBoolean", "true")))), "true");
    EXPECT_EQ(member("contact", run(replace("Patient.contact[0].gender", "valueCode", R"("female")"))),
              R"([{"gender":"female","name":{"text":"one"}}])");
    EXPECT_EQ(member("contact", run(operation("delete", "Patient.contact[0].gender"))), R"([{"name":{"text":"one"}}])");
    EXPECT_EQ(member("contact", run(add("Patient.contact[0].name", "family", value("valueString", R"("B")")))),
              R"([{"gender":"male","name":{"text":"one","family":"B"}}])");
}

TEST(FhirpathPatch, ComplexTypes) {
    EXPECT_EQ(member("maritalStatus", run(add("Patient", "maritalStatus", value("valueCodeableConcept", R"({"text":"married"})")))),
              R"({"text":"married"})");
    EXPECT_EQ(member("name", run(replace("Patient.name[0]", "valueHumanName", R"({"text":"N"})"))), R"([{"text":"N"}])");
    EXPECT_EQ(member("name", run(operation("delete", "Patient.name"))), "absent");
    EXPECT_EQ(member("name", run(operation("delete", "Patient.name.where(family = 'F')"))), "absent");
}

TEST(FhirpathPatch, AddGoesBehindWhatIsThereAndMakesAnAbsentList) {
    EXPECT_EQ(member("identifier", run(add("Patient", "identifier", value("valueIdentifier", R"({"value":"d"})")))),
              R"([{"value":"a"},{"value":"b"},{"value":"c"},{"value":"d"}])");
    EXPECT_EQ(member("telecom", run(add("Patient", "telecom", value("valueContactPoint", R"({"value":"1"})")))), R"([{"value":"1"}])");
    EXPECT_EQ(member("name", run(add("Patient.name[0]", "given", value("valueString", R"("z")")))),
              R"([{"family":"F","given":["x","y","z"]}])");
}

TEST(FhirpathPatch, Insert) {
    const auto identifier = value("valueIdentifier", R"({"value":"n"})");
    EXPECT_EQ(member("identifier", run(insert("Patient.identifier", "0", identifier))),
              R"([{"value":"n"},{"value":"a"},{"value":"b"},{"value":"c"}])");
    EXPECT_EQ(member("identifier", run(insert("Patient.identifier", "2", identifier))),
              R"([{"value":"a"},{"value":"b"},{"value":"n"},{"value":"c"}])");
    EXPECT_EQ(member("identifier", run(insert("Patient.identifier", "3", identifier))),
              R"([{"value":"a"},{"value":"b"},{"value":"c"},{"value":"n"}])");
    EXPECT_EQ(member("identifier", run(insert("Patient.identifier", "4", identifier))),
              "unprocessable: operation 1 (insert): index is 4, and the list has 3 elements");
    EXPECT_EQ(member("telecom", run(insert("Patient.telecom", "0", value("valueContactPoint", R"({"value":"1"})")))), R"([{"value":"1"}])");
    EXPECT_EQ(member("name", run(insert("Patient.name[0].given", "1", value("valueString", R"("z")")))),
              R"([{"family":"F","given":["x","z","y"]}])");
    EXPECT_EQ(member("identifier", run(insert("Patient.identifier.where(value.exists())", "1", identifier))),
              R"([{"value":"a"},{"value":"n"},{"value":"b"},{"value":"c"}])");
    EXPECT_EQ(member("identifier", run(insert("identifier", "0", identifier))),
              R"([{"value":"n"},{"value":"a"},{"value":"b"},{"value":"c"}])");
}

TEST(FhirpathPatch, Move) {
    EXPECT_EQ(member("identifier", run(move("Patient.identifier", "0", "2"))), R"([{"value":"b"},{"value":"c"},{"value":"a"}])");
    EXPECT_EQ(member("identifier", run(move("Patient.identifier", "2", "0"))), R"([{"value":"c"},{"value":"a"},{"value":"b"}])");
    EXPECT_EQ(member("identifier", run(move("Patient.identifier", "1", "1"))), R"([{"value":"a"},{"value":"b"},{"value":"c"}])");
    // Several moves turn a list round.
    EXPECT_EQ(member("identifier", run(move("Patient.identifier", "2", "0") + "," + move("Patient.identifier", "2", "1"))),
              R"([{"value":"c"},{"value":"b"},{"value":"a"}])");
    EXPECT_EQ(run(move("Patient.identifier", "3", "0")), "unprocessable: operation 1 (move): source is 3, and the list has 3 elements");
    EXPECT_EQ(run(move("Patient.identifier", "0", "3")),
              "unprocessable: operation 1 (move): destination is 3, and the list has 3 elements");
    EXPECT_EQ(run(move("Patient.telecom", "0", "0")), "unprocessable: operation 1 (move): no element is at the path");
}

TEST(FhirpathPatch, ChoicesChangeTheirName) {
    EXPECT_EQ(run(replace("Patient.deceased", "valueDateTime", R"("2020")"), patient(R"("deceasedBoolean":true,"gender":"male")")),
              patient(R"("deceasedDateTime":"2020","gender":"male")"));
    EXPECT_EQ(
        run(operation("delete", "Patient.deceased"), patient(R"("deceasedBoolean":true,"_deceasedBoolean":{"id":"i"},"gender":"male")")),
        patient(R"("gender":"male")"));
    for (const auto* name : {"deceased", "deceased[x]", "deceasedDateTime"}) {
        EXPECT_EQ(run(add("Patient", name, value("valueDateTime", R"("2020")")), patient(R"("gender":"male")")),
                  patient(R"("gender":"male","deceasedDateTime":"2020")"))
            << name;
    }
    EXPECT_EQ(run(replace("Observation.value.ofType(Quantity)", "valueString", R"("high")"),
                  R"({"resourceType":"Observation","valueQuantity":{"value":1.0}})"),
              R"({"resourceType":"Observation","valueString":"high"})");
    EXPECT_EQ(run(replace("Observation.value", "valueQuantity", R"({"value":2.50})"),
                  R"({"resourceType":"Observation","valueQuantity":{"value":1.0}})"),
              R"({"resourceType":"Observation","valueQuantity":{"value":2.50}})");
}

TEST(FhirpathPatch, ExtensionsOfPrimitives) {
    const auto extension =
        R"({"name":"value","part":[)" + part("url", "valueUri", R"("urn:x")") + "," + part("value", "valueCode", R"("c")") + "]}";
    const auto written = R"({"url":"urn:x","valueCode":"c"})";
    EXPECT_EQ(run(add("Patient.birthDate", "extension", extension), patient(R"("birthDate":"2020")")),
              patient(R"("birthDate":"2020","_birthDate":{"extension":[)" + std::string(written) + "]}"));
    EXPECT_EQ(run(add("Patient.name[0].given[1]", "extension", extension), patient(R"("name":[{"given":["a","b","c"]}])")),
              patient(R"("name":[{"given":["a","b","c"],"_given":[null,{"extension":[)" + std::string(written) + R"(]},null]}])"));
    EXPECT_EQ(run(add("Patient.name[0].given[1]", "id", value("valueString", R"("i")")), patient(R"("name":[{"given":["a","b"]}])")),
              patient(R"("name":[{"given":["a","b"],"_given":[null,{"id":"i"}]}])"));
    const auto with =
        patient(R"("birthDate":"2020","_birthDate":{"extension":[{"url":"urn:x","valueCode":"c"},{"url":"urn:y","valueCode":"d"}]})");
    EXPECT_EQ(run(operation("delete", "Patient.birthDate.extension.where(url = 'urn:x')"), with),
              patient(R"("birthDate":"2020","_birthDate":{"extension":[{"url":"urn:y","valueCode":"d"}]})"));
    EXPECT_EQ(
        run(operation("delete", "Patient.birthDate.extension[0]") + "," + operation("delete", "Patient.birthDate.extension[0]"), with),
        patient(R"("birthDate":"2020")"));
    EXPECT_EQ(
        run(replace("Patient.birthDate.extension[1].value", "valueBoolean", "true"), with),
        patient(R"("birthDate":"2020","_birthDate":{"extension":[{"url":"urn:x","valueCode":"c"},{"url":"urn:y","valueBoolean":true}]})"));
    // The element is replaced, not its value alone.
    EXPECT_EQ(run(replace("Patient.birthDate", "valueDate", R"("2021")"), with), patient(R"("birthDate":"2021")"));
}

TEST(FhirpathPatch, BothHalvesOfAListStayAligned) {
    const auto names = patient(R"("name":[{"given":["a",null,"c"],"_given":[null,{"id":"b"},{"id":"c"}]}])");
    EXPECT_EQ(run(insert("Patient.name.given", "1", value("valueString", R"("n")")), names),
              patient(R"("name":[{"given":["a","n",null,"c"],"_given":[null,null,{"id":"b"},{"id":"c"}]}])"));
    EXPECT_EQ(run(move("Patient.name.given", "2", "0"), names),
              patient(R"("name":[{"given":["c","a",null],"_given":[{"id":"c"},null,{"id":"b"}]}])"));
    EXPECT_EQ(run(operation("delete", "Patient.name.given[1]"), names),
              patient(R"("name":[{"given":["a","c"],"_given":[null,{"id":"c"}]}])"));
    EXPECT_EQ(run(replace("Patient.name.given[1]", "valueString", R"("b")"), names),
              patient(R"("name":[{"given":["a","b","c"],"_given":[null,null,{"id":"c"}]}])"));
    EXPECT_EQ(run(add("Patient.name", "given", R"({"name":"value","_valueString":{"id":"d"}})"), patient(R"("name":[{"given":["a"]}])")),
              patient(R"("name":[{"given":["a",null],"_given":[null,{"id":"d"}]}])"));
}

TEST(FhirpathPatch, ResourcesInsideResources) {
    const auto bundle =
        R"({"resourceType":"Bundle","entry":[{"fullUrl":"urn:1","resource":{"resourceType":"Patient","name":[{"text":"a"}]}},)"
        R"({"resource":{"resourceType":"Observation","status":"final"}}]})";
    EXPECT_EQ(
        member("entry", run(replace("Bundle.entry[1].resource.status", "valueCode", R"("amended")"), bundle)),
        R"([{"fullUrl":"urn:1","resource":{"resourceType":"Patient","name":[{"text":"a"}]}},{"resource":{"resourceType":"Observation","status":"amended"}}])");
    EXPECT_EQ(member("entry", run(add("Bundle.entry[0].resource", "gender", value("valueCode", R"("male")")) + "," +
                                      operation("delete", "Bundle.entry[1]"),
                                  bundle)),
              R"([{"fullUrl":"urn:1","resource":{"resourceType":"Patient","name":[{"text":"a"}],"gender":"male"}}])");
    const auto entry = R"({"name":"value","part":[)" + part("fullUrl", "valueUri", R"("urn:2")") +
                       R"(,{"name":"resource","resource":{"resourceType":"Basic","id":"b"}}]})";
    EXPECT_EQ(member("entry", run(add("Bundle", "entry", entry), R"({"resourceType":"Bundle"})")),
              R"([{"fullUrl":"urn:2","resource":{"resourceType":"Basic","id":"b"}}])");
    EXPECT_EQ(member("contained", run(add("Patient", "contained", R"({"name":"value","resource":{"resourceType":"Basic","id":"b"}})"))),
              R"([{"resourceType":"Basic","id":"b"}])");
    EXPECT_EQ(member("entry", run(replace("Bundle.entry[1].resource", "resource", R"({"resourceType":"Basic"})"), bundle)),
              R"([{"fullUrl":"urn:1","resource":{"resourceType":"Patient","name":[{"text":"a"}]}},{"resource":{"resourceType":"Basic"}}])");
}

TEST(FhirpathPatch, EachOperationSeesWhatTheOneBeforeItDid) {
    EXPECT_EQ(
        member("contact", run(operation("delete", "Patient.contact[0].gender") + "," + operation("delete", "Patient.contact[0].name") +
                              "," + add("Patient.contact[0]", "gender", value("valueCode", R"("other")")))),
        R"([{"gender":"other"}])");
    EXPECT_EQ(member("birthDate", run(operation("delete", "Patient.birthDate") + "," + operation("delete", "Patient.identifier"))),
              "unprocessable: operation 2 (delete): the path names 3 elements; it must name one");
}

TEST(FhirpathPatch, DeletingNothingIsFine) {
    EXPECT_EQ(run(operation("delete", "Patient.telecom")), kPatient);
    EXPECT_EQ(run(operation("delete", "Patient.telecom.where(value = '1')")), kPatient);
}

TEST(FhirpathPatch, PathsThatDoNotFit) {
    const auto date = value("valueDate", R"("2020")");
    const std::pair<std::string, const char*> kCases[] = {
        {replace("Patient.gender", "valueCode", R"("male")"), "unprocessable: operation 1 (replace): no element is at the path"},
        {replace("Patient.identifier", "valueIdentifier", "{}"),
         "unprocessable: operation 1 (replace): the path names 3 elements; it must name one"},
        {replace("Patient", "valueString", "\"x\""),
         "unprocessable: operation 1 (replace): a patch does not replace the resource itself; an update does"},
        {operation("delete", "Patient"), "unprocessable: operation 1 (delete): a patch does not delete the resource itself"},
        {add("Patient.identifier", "value", value("valueString", "\"x\"")),
         "unprocessable: operation 1 (add): the path names 3 elements; it must name one"},
        {add("Patient.maritalStatus", "text", value("valueString", "\"x\"")),
         "unprocessable: operation 1 (add): no element is at the path"},
        {add("Patient", "birthDate", date), "unprocessable: operation 1 (add): 'birthDate' is there already and does not repeat"},
        {add("Patient", "deceased", value("valueDateTime", "\"2020\"")),
         "unprocessable: operation 1 (add): 'deceased' is there already and does not repeat"},
        {add("Patient", "colour", date), "unprocessable: operation 1 (add): Patient has no element 'colour'"},
        {insert("Patient.birthDate", "0", date), "unprocessable: operation 1 (insert): 'birthDate' does not repeat, so it has no order"},
        {insert("Patient.colour", "0", date), "unprocessable: operation 1 (insert): Patient has no element 'colour'"},
        {insert("Patient.identifier.system", "0", date),
         "unprocessable: operation 1 (insert): the path names 3 elements; it must name one"},
        {insert("Patient.telecom.where(value = '1')", "0", date), "unprocessable: operation 1 (insert): no element is at the path"},
        {insert("Patient.identifier[0]", "0", date),
         "unprocessable: operation 1 (insert): the path names some elements of a list; it must name the list"},
        {insert("(Patient.birthDate)", "0", date), "unprocessable: operation 1 (insert): the path names no list"},
        {insert("(Patient.identifier | Patient.name)", "0", date),
         "unprocessable: operation 1 (insert): the path names elements of several lists"},
        {operation("delete", "Patient.identifier.count()"),
         "unprocessable: operation 1 (delete): the path computes a value; it must name elements of the resource"}};
    for (const auto& [patch, wanted] : kCases) EXPECT_EQ(run(patch), wanted) << patch;
    EXPECT_EQ(run(operation("delete", "Patient.colour")).substr(0, 34), "unprocessable: operation 1 (delete");
    EXPECT_EQ(run(operation("delete", "Patient.name[")).substr(0, 28), "invalid: operation 1 (delete");
}

TEST(FhirpathPatch, MalformedOperations) {
    const std::pair<std::string, const char*> kCases[] = {
        {R"({"name":"other"})", "invalid: operation 1: each parameter of a FHIRPath Patch is named 'operation'"},
        {R"({"name":"operation"})", "invalid: operation 1: the operation has no parts"},
        {R"({"name":"operation","part":[{"name":"colour"}]})",
         "invalid: operation 1: a part is none of type, path, name, value, index, source, destination"},
        {R"({"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"type","valueCode":"add"}]})",
         "invalid: operation 1: the part 'type' stands twice"},
        {R"({"name":"operation","part":[{"name":"path","valueString":"Patient"}]})", "invalid: operation 1: the part 'type' is missing"},
        {operation("change", "Patient"), "invalid: operation 1: the type is none of add, insert, delete, replace, move"},
        {R"({"name":"operation","part":[{"name":"type","valueCode":"delete"}]})",
         "invalid: operation 1 (delete): the part 'path' is missing"},
        {operation("add", "Patient", value("valueString", "\"x\"")), "invalid: operation 1 (add): the part 'name' is missing"},
        {operation("add", "Patient", part("name", "valueString", "\"x\"")), "invalid: operation 1 (add): the part 'value' is missing"},
        {operation("insert", "Patient.name", value("valueString", "\"x\"")), "invalid: operation 1 (insert): the part 'index' is missing"},
        {insert("Patient.name", "-1", value("valueString", "\"x\"")),
         "invalid: operation 1 (insert): the part 'index' is a valueInteger of 0 or more"},
        {operation("move", "Patient.name", part("source", "valueInteger", "0")),
         "invalid: operation 1 (move): the part 'destination' is missing"}};
    for (const auto& [patch, wanted] : kCases) EXPECT_EQ(run(patch), wanted) << patch;
    EXPECT_EQ(patching::patched(R"({"resourceType":"Parameters","parameter":{}})", kPatient), "invalid: parameter is an array");
}

}  // namespace
