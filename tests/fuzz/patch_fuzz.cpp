// fhir/patch takes any patch of any form on any resource: it ends within its limits, the resource itself never changes, what comes out is a
// resource of the same type that can be written and read again, and both halves of a primitive stay aligned.
#include "fhir/codec/xml.hpp"
#include "fhir/patch/patch.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void check_aligned(const json::Value& value) {
    if (const auto* list = value.if_array()) {
        for (const auto& item : *list) check_aligned(item);
    }
    const auto* object = value.if_object();
    if (object == nullptr) return;
    for (const auto& [name, child] : *object) {
        check_aligned(child);
        const auto* beside = object->find("_" + name);
        const auto *left = child.if_array(), *right = beside == nullptr ? nullptr : beside->if_array();
        if (left != nullptr && right != nullptr && left->size() != right->size()) std::abort();
    }
}

void check_result(const patch::Patch& patch, const json::Value& before, const json::Value& after) {
    if (after.text("resourceType") != before.text("resourceType")) std::abort();
    const auto text = json::write(after);
    const auto again = json::parse(text);
    if (!again || json::write(*again) != text) std::abort();
    // A JSON Patch may write arrays of its own; the other forms know the types.
    if (patch.form() != patch::Form::json) check_aligned(after);
    if (patch.form() == patch::Form::xml && !codec::to_xml(after)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto kPatient = json::parse(
        R"({"resourceType":"Patient","id":"1","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a</p></div>"},
      "contained":[{"resourceType":"Basic","id":"p"}],"name":[{"given":["a",null,"c"],"_given":[null,{"id":"x"},{"extension":[{"url":"urn:x","valueCode":"y"}]}]}],
      "deceasedBoolean":false,"birthDate":"1974-12-25","telecom":[{"system":"phone","value":"1","rank":1},{"value":"2"}]})");
    static const auto kObservation =
        json::parse(R"({"resourceType":"Observation","id":"1","status":"final","valueQuantity":{"value":1.10,"unit":"kg"},
      "component":[{"code":{"text":"c"},"valueString":"v"}]})");
    if (size > 8192) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    patch::Limits limits;
    limits.operations = 20;
    limits.growth_bytes = 1u << 16;
    limits.growth_values = 2000;
    const auto patch = patch::parse_any(text, limits);
    if (!patch) return 0;
    for (const auto* resource : {&*kPatient, &*kObservation}) {
        const auto before = json::write(*resource);
        const auto after = patch->apply(*resource, limits);
        if (json::write(*resource) != before) std::abort();
        if (after) check_result(*patch, *resource, *after);
        if (!after && after.error().kind == base::Kind::fault) std::abort();
    }
    return 0;
}
