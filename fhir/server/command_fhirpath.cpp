// kedge fhirpath EXPR FILE: what an expression gives on a resource, one JSON value a line.
#include "fhir/codec/xml.hpp"
#include "fhir/fhirpath/base_rules.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/say.hpp"
#include "fhir/validate/coded.hpp"
#include "storage/base/file.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>

namespace server {
namespace {

constexpr std::int32_t kBatchTimeMs = 10'000;  // of one expression, so that one does not hold up the others

base::Result<std::string> read_all(const std::string& path) {
    if (path == "-") return std::string{std::istreambuf_iterator<char>(std::cin), {}};
    return base::read_file(path);
}

// One resource out of a file, JSON or XML.
base::Result<json::Value> read_resource(const std::string& path) {
    const auto text = read_all(path);
    if (!text) return base::pass(text);
    return codec::from_either(*text, {});
}

fhirpath::Environment environment_of(const json::Value& resource, const FhirpathOptions& options) {
    fhirpath::Environment environment;
    environment.resource = &resource;
    environment.strict = !options.lenient;
    environment.conforms_to = fhirpath::conforms_to_type;
    environment.member_of = [](const fhirpath::Node& node, std::string_view url) {
        return validate::member_of(*terminology::Library::r4(), node, url);
    };
    return environment;
}

base::Result<fhirpath::Collection> evaluate(std::string_view text, const json::Value& resource, const fhirpath::Environment& environment) {
    const auto expression = fhirpath::compile(text);
    if (!expression) return base::pass(expression);
    return fhirpath::evaluate(*expression, fhirpath::resource_node(resource), environment);
}

// One line for each expression, whatever comes of it: a program that asks many things starts kedge once.
int run_batch(const FhirpathOptions& options, const json::Value& resource) {
    const auto expressions = read_all(options.expression);
    if (!expressions) return say_error(expressions.error());
    auto environment = environment_of(resource, options);
    environment.limits.time_ms = kBatchTimeMs;
    for (std::size_t at = 0; at < expressions->size();) {
        const auto end = std::min(expressions->find('\n', at), expressions->size());
        const auto result = evaluate(std::string_view(*expressions).substr(at, end - at), resource, environment);
        at = end + 1;
        json::Value line;
        if (result) {
            json::Array values;
            for (std::size_t i = 0; i < result->size(); ++i) values.push_back(result->value(i));
            line = std::move(values);
        } else {
            json::Object error;
            error.set("error", result.error().diagnostics);
            line = std::move(error);
        }
        std::fprintf(stdout, "%s\n", json::write(line).c_str());
    }
    return 0;
}

}  // namespace

int run(const FhirpathOptions& options) {
    if (options.batch && options.expression == "-" && options.file == "-") {
        return say_error({base::Kind::invalid, "stdin is one thing only: the expressions or the resource", {}, ""});
    }
    // A faulty expression is told first: the file may be long in coming.
    if (!options.batch) {
        if (const auto expression = fhirpath::compile(options.expression); !expression) return say_error(expression.error());
    }
    const auto resource = read_resource(options.file);
    if (!resource) return say_error(resource.error());
    if (options.batch) return run_batch(options, *resource);
    auto environment = environment_of(*resource, options);
    environment.trace = [](std::string_view name, const fhirpath::View& items) -> base::Status {
        for (std::size_t i = 0; i < items.size(); ++i) say(std::string(name) + ": " + json::write(items.value(i)));
        return {};
    };
    const auto result = evaluate(options.expression, *resource, environment);
    if (!result) return say_error(result.error());
    for (std::size_t i = 0; i < result->size(); ++i) {
        const auto line = json::write(result->value(i));
        std::fprintf(stdout, "%s\n", line.c_str());
    }
    return 0;
}

}  // namespace server
