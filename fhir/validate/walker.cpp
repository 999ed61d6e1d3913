#include "fhir/validate/walker.hpp"

#include "fhir/definitions/definitions.hpp"
#include "fhir/validate/bindings.hpp"
#include "fhir/validate/bundle_rules.hpp"
#include "fhir/validate/capabilities.hpp"
#include "fhir/validate/contained.hpp"
#include "fhir/validate/definition_rules.hpp"
#include "fhir/validate/extensions.hpp"
#include "fhir/validate/invariants.hpp"
#include "fhir/validate/narrative.hpp"
#include "fhir/validate/primitives.hpp"
#include "fhir/validate/profile_check.hpp"
#include "fhir/validate/quantities.hpp"
#include "fhir/validate/quick_invariants.hpp"
#include "fhir/validate/questionnaires.hpp"
#include "fhir/validate/reference_targets.hpp"
#include "fhir/validate/suggest.hpp"

#include <algorithm>
#include <utility>

namespace validate {
namespace {

const json::Array* array_of(const json::Value* value) {
    return value == nullptr ? nullptr : value->if_array();
}
const json::Value* item_of(const json::Array* items, std::size_t index) {
    return items == nullptr || index >= items->size() ? nullptr : &(*items)[index];
}
bool is_extension(const definitions::Group& group) {
    static const auto* const kExtension = definitions::group("Extension");
    return &group == kExtension;
}

}  // namespace

void Walker::top(const json::Value& value) {
    const Report::Step step(report_, value.text("resourceType").empty() ? std::string_view("Resource") : value.text("resourceType"));
    resource(value, Role::top, nullptr);
}

bool Walker::has_type(const json::Value& value) {
    if (!value.is_object()) {
        report_.error("structure", "A resource is a JSON object");
        return false;
    }
    const auto* type = value.find("resourceType");
    const auto* name = type == nullptr ? nullptr : type->if_string();
    if (type == nullptr) report_.error("required", "resourceType is missing", "resourceType");
    else if (name == nullptr) report_.error("structure", "resourceType must be a string", "resourceType");
    else if (!definitions::is_resource_type(*name)) report_.error("invalid", "R4 has no resource type of this name", "resourceType");
    else return true;
    return false;
}

void Walker::resource(const json::Value& value, Role role, const Scope* outer) {
    if (!has_type(value)) return;
    Scope scope;
    scope.resource = &value;
    scope.root = role == Role::contained ? outer->root : &value;
    scope.bundle = outer == nullptr ? nullptr : outer->bundle;
    scope.group = definitions::group(value.text("resourceType"));
    Scope inside = scope;
    BundleIndex entries;
    if (scope.group->name == "Bundle") {
        entries = index_bundle(value);
        inside.bundle = &entries;
    }
    object(value, definitions::element_type(scope.group->name), inside, nullptr);
    if (role == Role::top && options_.warnings) check_has_narrative(value, *scope.group, report_);
    if (role == Role::contained) check_contained(value, report_);
    check_containment(value, scope, report_);
    if (scope.group->name == "Bundle") check_bundle(value, options_, report_);
    if (scope.group->name == "CapabilityStatement") check_capabilities(value, report_);
    if (scope.group->name == "Questionnaire") check_questionnaire(value, options_, report_);
    if (scope.group->name == "QuestionnaireResponse") check_response(value, scope, options_, report_);
    check_definition(value, options_, report_);
    check_profiles(value, scope, role == Role::top, options_, report_);
    scope.element_ids = std::move(inside.element_ids);
    std::sort(scope.element_ids.begin(), scope.element_ids.end());
    if (std::adjacent_find(scope.element_ids.begin(), scope.element_ids.end()) != scope.element_ids.end()) {
        report_.error("duplicate", "Two elements of the resource have the same id; an element's id is unique within its resource");
    }
}

void Walker::object(const json::Value& value, const definitions::ElementType& type, Scope& scope, const Spot* spot) {
    const auto& group = *type.group();
    const auto& object = *value.if_object();
    static const auto* const kBesidePrimitive = definitions::group("Element");
    const bool own_id_only = object.size() == 1 && object.find("id") != nullptr && &value != scope.resource && &group != kBesidePrimitive;
    if (object.empty()) return report_.error("structure", "An object must not be empty: leave the element out");
    if (own_id_only) report_.error("invariant", "ele-1: All FHIR elements must have a @value or children: an id alone says nothing");
    std::uint64_t seen = 0;
    const auto* outer = std::exchange(holder_, spot);
    members(object, group, scope, seen);
    holder_ = outer;
    required(group, object, seen);
    if (is_extension(group)) check_extension(object, spot->element->name == "modifierExtension", holder_, *scope.group, options_, report_);
    check_quantity(object, group, spot, options_, report_);
    check_data_type(value, group, options_, report_);
    if (const auto rules = definitions::constraints(group); !rules.empty()) {
        check_invariants(rules, {&value, nullptr, nullptr, &type}, scope, options_, report_);
    }
    if (&value != scope.resource) element_id(object, scope);
}

void Walker::members(const json::Object& object, const definitions::Group& group, Scope& scope, std::uint64_t& seen) {
    const bool any_beside = std::any_of(object.begin(), object.end(), [](const json::Member& m) { return m.first.starts_with('_'); });
    for (const auto& [name, value] : object) {
        if (name == "resourceType" && scope.group == &group) continue;
        const bool beside = name.size() > 1 && name.front() == '_';
        const auto plain = beside ? std::string_view(name).substr(1) : std::string_view(name);
        const auto found = definitions::member(group, plain);
        const bool primitive = found && found.type->group() == nullptr;
        if (!found || (beside && !primitive)) {
            unknown(name, group);
            continue;
        }
        // The pair name and _name is one element and is looked at once.
        if (beside && object.find(plain) != nullptr) continue;
        const auto bit = std::uint64_t{1} << static_cast<std::size_t>(found.element - group.elements.data());
        if ((seen & bit) != 0 && found.element->choice) {
            report_.error("structure", std::string(found.element->name) + "[x] takes one value: there are several, of different types", found.element->name);
        }
        seen |= bit;
        const json::Value* extra = beside ? &value : primitive && any_beside ? object.find("_" + name) : nullptr;
        const Report::Step step(report_, found.element->name);
        member(beside ? nullptr : &value, extra, found, group, scope);
    }
}

void Walker::unknown(std::string_view name, const definitions::Group& group) {
    report_.error("structure", unknown_member(name, group), base::utf8_prefix(name, 128));
}

void Walker::required(const definitions::Group& group, const json::Object& object, std::uint64_t seen) {
    for (std::size_t i = 0; i < group.elements.size(); ++i) {
        const auto& element = group.elements[i];
        if (!element.required || (seen & (std::uint64_t{1} << i)) != 0) continue;
        if (is_extension(group) && object.find("url") == nullptr) report_.error("required", "An extension needs its url", "url");
        else report_.error("required", std::string(group.name) + "." + std::string(element.name) + (element.choice ? "[x]" : "") + " must be given", element.name);
    }
}

void Walker::element_id(const json::Object& object, Scope& scope) {
    const auto* id = object.find("id");
    const auto* text = id == nullptr ? nullptr : id->if_string();
    // A nested resource is walked with a scope of its own, so this is the id of an element.
    if (text == nullptr) return;
    if (text->find_first_of(" \t\r\n") != std::string::npos) report_.error("value", "The id of an element has no white space", "id");
    // The snapshot and the differential of a StructureDefinition name the same elements by the same ids; sdf-16 and sdf-17 look at each.
    if (scope.group->name != "StructureDefinition") scope.element_ids.push_back(*text);
}

void Walker::member(const json::Value* value, const json::Value* extra, const definitions::Member& member, const definitions::Group& owner, Scope& scope) {
    const bool array = (value != nullptr && value->is_array()) || (value == nullptr && extra->is_array());
    if (array && !member.element->many) report_.error("structure", "This takes one value, not an array");
    if (!array && member.element->many) report_.error("structure", "This takes an array: put the value in [ ]");
    if (array) return repetitions(value, extra, member, owner, scope);
    single({value, extra, member.element, member.type, &owner}, scope, false);
}

void Walker::repetitions(const json::Value* value, const json::Value* extra, const definitions::Member& member, const definitions::Group& owner, Scope& scope) {
    const auto* values = array_of(value);
    const auto* extras = array_of(extra);
    if ((values != nullptr && values->empty()) || (extras != nullptr && extras->empty())) {
        report_.error("structure", "An array must not be empty: leave the element out");
    }
    if (extra != nullptr && extras == nullptr) report_.error("structure", "The member with the leading _ must be an array too");
    if (values != nullptr && extras != nullptr && values->size() != extras->size()) {
        report_.error("structure", "The arrays of the values and of their extensions (with the leading _) differ in length");
    }
    const auto count = std::max(values == nullptr ? 0 : values->size(), extras == nullptr ? 0 : extras->size());
    for (std::size_t i = 0; i < count; ++i) {
        const Report::Step step(report_, i);
        single({item_of(values, i), item_of(extras, i), member.element, member.type, &owner}, scope, true);
    }
    if (values != nullptr && count > 1 && options_.warnings && member.type->code == "Extension") check_repeated_extensions(*values, report_);
}

void Walker::single(const Spot& spot, Scope& scope, bool in_array) {
    const auto* group = spot.type->group();
    if (group == nullptr) return primitive(spot, scope, in_array);
    const auto& value = *spot.value;
    if (value.is_null()) return report_.error("structure", "null says nothing here: leave the element out");
    if (value.is_array()) return report_.error("structure", "An array must not stand in an array");
    if (!value.is_object()) return report_.error("structure", "This takes an object of type " + std::string(spot.type->code));
    if (spot.type->code == "Resource") {
        const bool contained = spot.element->name == "contained";
        if (!contained && !options_.bundle_entries && scope.group->name == "Bundle") return;
        return resource(value, contained ? Role::contained : Role::nested, &scope);
    }
    object(value, *spot.type, scope, &spot);
    at_element(spot, scope);
}

void Walker::primitive(const Spot& spot, Scope& scope, bool in_array) {
    const bool has_value = spot.value != nullptr && !spot.value->is_null();
    const bool has_extra = spot.extra != nullptr && !spot.extra->is_null();
    if (!has_value && !has_extra) {
        return report_.error("structure", in_array ? "null may stand only where the array with the leading _ holds an extension" : "null says nothing here: leave the element out");
    }
    if (has_extra) beside_primitive(spot, scope);
    if (!has_value) {
        if (spot.extra->find("extension") == nullptr) report_.error("invariant", "A primitive without a value needs an extension that says why");
        check_absent_code(spot, definitions::rules(*spot.element), report_);
        return;
    }
    if (spot.value->is_array()) return report_.error("structure", "An array must not stand in an array");
    if (spot.value->is_object()) return report_.error("structure", "This takes a " + std::string(spot.type->code) + ", not an object");
    if (const auto* wrong = check_primitive(spot.type->code, *spot.value)) return report_.error("value", wrong);
    if (const auto* text = spot.value->if_string(); text != nullptr && options_.warnings && is_blank(*text)) report_.warning("value", "A string should not be blank: leave the element out");
    if (spot.type->code == "xhtml") return check_narrative(*spot.value->if_string(), report_);
    at_element(spot, scope);
}

void Walker::beside_primitive(const Spot& spot, Scope& scope) {
    const auto& extra = *spot.extra;
    static const auto kElement = definitions::element_type("Element");
    if (!extra.is_object()) return report_.error("structure", "A member with a leading _ holds an object with the id and extensions of its primitive");
    object(extra, kElement, scope, &spot);
}

// The rules of a place once its own shape was looked at.
void Walker::at_element(const Spot& spot, Scope& scope) {
    const auto& rules = definitions::rules(*spot.element);
    check_invariants(rules.constraints, spot, scope, options_, report_);
    if (rules.value_set != nullptr) check_binding(spot, rules, options_, report_);
    else check_language(spot, report_);
    if (spot.type->code == "Reference") check_target(*spot.value, rules.targets, scope, options_, report_);
}

Issues validate(const json::Value& resource, const Options& options) {
    Report report(options.max_issues);
    Walker(options, report).top(resource);
    return std::move(report.issues());
}

}  // namespace validate
