// kedge fhirpath EXPR FILE: what an expression gives on a resource, one JSON value a line.
#include "fhir/codec/xml.hpp"
#include "fhir/fhirpath/base_rules.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/say.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

namespace server {
namespace {

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

}  // namespace

int run(const FhirpathOptions& options) {
    const auto expression = fhirpath::compile(options.expression);
    if (!expression) return say_error(expression.error());
    const auto resource = read_resource(options.file);
    if (!resource) return say_error(resource.error());
    fhirpath::Environment environment;
    environment.resource = &*resource;
    environment.strict = !options.lenient;
    environment.conforms_to = fhirpath::conforms_to_type;
    environment.member_of = fhirpath::member_of_bound_set;
    environment.trace = [](std::string_view name, const fhirpath::View& items) -> base::Status {
        for (std::size_t i = 0; i < items.size(); ++i) say(std::string(name) + ": " + json::write(items.value(i)));
        return {};
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
