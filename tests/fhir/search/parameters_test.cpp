// What the CapabilityStatement says must be true: for each type and each advertised parameter a resource is made that carries a value
// where R4's expression says, and a search on that value must find it and not another.
#include "fhir/search/parameters.hpp"

#include "fhir/definitions/elements.hpp"
#include "fhir/search/extract.hpp"
#include "fhir/search/parse_query.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace {

// The element names of the first alternative for this type: "AuditEvent.agent.who.where(...)" gives agent, who.
std::vector<std::string> first_path(std::string_view expression, std::string_view type) {
    std::vector<std::string> out;
    std::size_t at = 0;
    const auto start = std::string(type) + ".";
    while ((at = expression.find(start, at)) != std::string_view::npos && at > 0 && expression[at - 1] != ' ' && expression[at - 1] != '(')
        ++at;
    if (at == std::string_view::npos) return out;
    for (auto rest = expression.substr(at + start.size()); !rest.empty();) {
        const auto end = rest.find_first_of(".( |)");
        const auto name = std::string(rest.substr(0, end));
        if (name == "where") break;
        out.push_back(name);
        if (end == std::string_view::npos || rest[end] != '.') break;
        rest.remove_prefix(end + 1);
    }
    return out;
}

json::Value wrapped(const std::vector<std::string>& path, std::size_t at, const definitions::Group& group, const json::Value& leaf) {
    const auto* element = definitions::element(group, path[at]);
    json::Object out;
    if (element == nullptr) return out;
    auto inner = at + 1 == path.size() ? leaf : wrapped(path, at + 1, *element->types[0].group(), leaf);
    out.set(path[at], element->many ? json::Value(json::Array{std::move(inner)}) : std::move(inner));
    return out;
}

json::Value leaf_of(const definitions::SearchParameter& parameter, const std::string& value) {
    json::Object out;
    if (parameter.type == definitions::ParameterType::token)
        out.set("value", json::Value(value));
    else
        out.set("reference", json::Value(std::string(parameter.code == "patient" ? "Patient" : parameter.targets[0]) + "/" + value));
    return out;
}

json::Value resource_with(std::string_view type, const definitions::SearchParameter& parameter, const std::string& value) {
    auto out = wrapped(first_path(parameter.expression, type), 0, *definitions::group(type), leaf_of(parameter, value));
    out.if_object()->set("resourceType", json::Value(type));
    out.if_object()->set("id", "x");
    return out;
}

bool finds(const store::Query& query, const json::Value& resource) {
    const auto extraction = search::extract(resource, {});
    if (!extraction) return false;
    return std::all_of(query.criteria.begin(), query.criteria.end(), [&](const store::Criterion& criterion) {
        return std::any_of(extraction->index.begin(), extraction->index.end(), [&](const store::IndexEntry& row) {
            const auto& value = criterion.any_of[0];
            return row.kind == criterion.kind && row.param == criterion.param && row.value == value.value &&
                   row.direct_identifier == value.direct_identifier &&
                   (value.op == store::Criterion::Op::any_system || row.system == value.system);
        });
    });
}

TEST(SupportedParameters, EachOneFindsAndTellsApart) {
    std::size_t indexed = 0;
    for (const auto type : definitions::resource_types()) {
        search::QueryContext context;
        context.type = type;
        for (const auto* parameter : search::supported_parameters(type)) {
            if (parameter->code.starts_with('_')) continue;  // answered from the record itself
            const auto request = search::parse_query({{std::string(parameter->code), "one"}}, context);
            ASSERT_TRUE(request.has_value()) << type << '.' << parameter->code;
            EXPECT_TRUE(finds(request->query, resource_with(type, *parameter, "one")))
                << type << '.' << parameter->code << ' ' << parameter->expression;
            EXPECT_FALSE(finds(request->query, resource_with(type, *parameter, "two"))) << type << '.' << parameter->code;
            ++indexed;
        }
    }
    EXPECT_GE(indexed, 200u);
}

TEST(SupportedParameters, AreListed) {
    const auto codes = [](std::string_view type) {
        std::vector<std::string_view> out;
        for (const auto* parameter : search::supported_parameters(type)) out.push_back(parameter->code);
        return out;
    };
    using Codes = std::vector<std::string_view>;
    EXPECT_EQ(codes("Patient"), (Codes{"_id", "_lastUpdated", "identifier"}));
    EXPECT_EQ(codes("Observation"), (Codes{"_id", "_lastUpdated", "identifier", "patient", "subject"}));
    EXPECT_EQ(codes("Parameters"), (Codes{"_id", "_lastUpdated"}));
    EXPECT_EQ(codes(""), (Codes{"_id", "_lastUpdated"}));
    EXPECT_EQ(codes("Nothing"), Codes{});
    EXPECT_EQ(search::supported_parameter("Patient", "subject"), nullptr);
    EXPECT_TRUE(search::is_direct_identifier("Patient", "identifier"));
    EXPECT_FALSE(search::is_direct_identifier("Observation", "subject"));
}

}  // namespace
