// kedge fhirpath EXPR FILE: what an expression gives on a resource, one JSON value a line.
#include "fhir/codec/xml.hpp"
#include "fhir/fhirpath/fhirpath.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/say.hpp"
#include "fhir/validate/coded.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

namespace server {
namespace {

constexpr std::string_view kCanonical = "http://hl7.org/fhir/StructureDefinition/";

base::Result<std::string> read_all(const std::string& path) {
    if (path == "-") return std::string{std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream in(path, std::ios::binary);
    if (!in) return base::fail(base::Kind::not_found, "cannot read " + path);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (in.bad()) return base::fail(base::Kind::fault, "cannot read " + path);
    return text;
}

// One resource out of a file, JSON or XML.
base::Result<json::Value> read_resource(const std::string& path) {
    const auto text = read_all(path);
    if (!text) return base::pass(text);
    return codec::from_either(*text, {});
}

// The base specification's types alone are known here.
base::Result<bool> conforms_to(const fhirpath::Node& node, std::string_view profile) {
    const auto name = profile.starts_with(kCanonical) ? profile.substr(kCanonical.size()) : std::string_view();
    if (fhirpath::node_type(name) == nullptr)
        return base::fail(base::Kind::invalid, "conformsTo(): the profile " + std::string(profile) + " is not known here");
    return node.type != nullptr && fhirpath::is_kind_of(*node.type, name);
}

}  // namespace

int run(const FhirpathOptions& options) {
    const auto expression = fhirpath::compile(options.expression);
    if (!expression) return say_error(expression.error());
    const auto resource = read_resource(options.file);
    if (!resource) return say_error(resource.error());
    fhirpath::Environment environment;
    environment.resource = &*resource;
    environment.strict = !options.lenient;
    environment.conforms_to = conforms_to;
    environment.member_of = [](const fhirpath::Node& node, std::string_view url) { return validate::member_of(*terminology::Library::r4(), node, url); };
    environment.trace = [](std::string_view name, const std::vector<json::Value>& values) {
        for (const auto& value : values) say(std::string(name) + ": " + json::write(value));
    };
    const auto result = fhirpath::evaluate(*expression, fhirpath::resource_node(*resource), environment);
    if (!result) return say_error(result.error());
    for (std::size_t i = 0; i < result->size(); ++i) {
        const auto line = json::write(result->value(i));
        std::fprintf(stdout, "%s\n", line.c_str());
    }
    return 0;
}

}  // namespace server
