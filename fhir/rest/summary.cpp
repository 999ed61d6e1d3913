#include "fhir/rest/summary.hpp"

#include "fhir/definitions/elements.hpp"
#include "fhir/http/headers.hpp"
#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"

namespace rest {
namespace {

using base::Kind;
using Form = codec::Subset::Form;

base::Status apply_summary(Shape& shape, std::string_view value) {
    if (value == "count")
        shape.count = true;
    else if (value == "true")
        shape.subset.form = Form::summary;
    else if (value == "text")
        shape.subset.form = Form::text;
    else if (value == "data")
        shape.subset.form = Form::data;
    else if (value != "false")
        return base::fail(Kind::invalid, "_summary is one of true, text, data, count, false", {"_summary"}, "value");
    return {};
}

base::Status apply_elements(Shape& shape, const std::string& value, std::string_view type, bool lenient) {
    const auto* group = type.empty() ? nullptr : definitions::group(type);
    for (const auto name : http::split_list(value, ',')) {
        const bool known = group == nullptr || definitions::element(*group, name) != nullptr || definitions::member(*group, name);
        if (!known && !lenient) {
            return base::fail(Kind::invalid,
                              std::string(type) + " has no element '" + std::string(base::utf8_prefix(name, 64)) + "' at its root",
                              {"_elements"}, "value");
        }
        shape.subset.elements.emplace_back(name);
    }
    shape.subset.form = Form::elements;
    return {};
}

}  // namespace

base::Result<Shape> shape_of(const http::Query& parameters, std::string_view type, bool lenient) {
    Shape out;
    const std::string* summary = nullptr;
    const std::string* elements = nullptr;
    for (const auto& [name, value] : parameters) {
        auto** place = name == "_summary" ? &summary : name == "_elements" ? &elements : nullptr;
        if (place == nullptr || value.empty()) continue;
        if (*place != nullptr) return base::fail(Kind::invalid, name + " may stand once only", {name}, "invalid");
        *place = &value;
    }
    if (summary != nullptr) {
        if (auto done = apply_summary(out, *summary); !done) return base::pass(done);
    }
    if (elements == nullptr) return out;
    if (out.count || out.subset.form != Form::whole)
        return base::fail(Kind::invalid, "_summary and _elements shorten in two ways; ask for one of them", {"_elements"}, "invalid");
    if (auto done = apply_elements(out, *elements, type, lenient); !done) return base::pass(done);
    return out;
}

base::Result<Shape> shape_of_one(std::string_view query, std::string_view type, bool lenient) {
    if (query.empty()) return Shape{};
    const auto parameters = http::parse_query(query);
    if (!parameters) return base::pass(parameters);
    auto shape = shape_of(*parameters, type, lenient);
    if (shape && shape->count) return base::fail(Kind::invalid, "_summary=count is for searches", {"_summary"}, "value");
    return shape;
}

base::Result<std::string> shaped(std::string body, const Shape& shape) {
    if (shape.subset.form == Form::whole || body.empty()) return body;
    auto tree = json::parse(body);
    if (!tree) return base::fail(Kind::corrupt, "a stored resource does not parse");
    codec::take_subset(*tree, shape.subset);
    return json::write(*tree);
}

}  // namespace rest
