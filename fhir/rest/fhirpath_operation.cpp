// $fhirpath: an expression on a resource that is sent along, as the FHIRPath Lab asks its servers
// (https://github.com/brianpos/fhirpath-lab/blob/main/server-api.md). It looks at nothing that is stored: resolve() finds what lies in
// the resource itself. It is an access like any other: it needs a token, and it leaves its line in the trail.
#include "fhir/codec/xml.hpp"
#include "fhir/fhirpath/base_rules.hpp"
#include "fhir/rest/fhirpath_answer.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/knowledge.hpp"
#include "fhir/rest/writing.hpp"
#include "fhir/validate/coded.hpp"

namespace rest {
namespace {

using base::Kind;

constexpr std::size_t kBodyBytes = 4u << 20;
constexpr std::size_t kAnswerBytes = 16u << 20;
constexpr std::size_t kContexts = 10'000;
constexpr fhirpath::Limits kLimits{.steps = 4'000'000, .items = 500'000, .memory_bytes = 64u << 20, .regex_ms = 250, .time_ms = 2'000};

struct Question {
    json::Value parameters;  // as they were sent; what follows refers to them, to `resource` and to `values`
    json::Value resource;
    std::string expression, context;
    bool validate = false;
    std::map<std::string, std::vector<fhirpath::Node>, std::less<>> variables;
    std::vector<std::unique_ptr<json::Value>> values;  // of variables that came as text
};

std::string_view extension_text(const json::Value& part, std::string_view url) {
    const auto* list = part.find("extension") == nullptr ? nullptr : part.find("extension")->if_array();
    if (list == nullptr) return {};
    for (const auto& one : *list) {
        if (one.text("url") == url) return one.text("valueString");
    }
    return {};
}

// In place, as JSON or XML in an extension, or as a text. A text that is neither names a resource elsewhere, and nothing is fetched.
base::Status take_resource(Question& out, const json::Value& part, const json::Limits& limits) {
    if (const auto* resource = part.find("resource")) {
        out.resource = *resource;
        return {};
    }
    std::string_view text = extension_text(part, kJsonValue);
    if (text.empty()) text = extension_text(part, kXmlValue);
    if (text.empty()) text = part.text("valueString");
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return base::fail(Kind::invalid, "the parameter 'resource' holds none", {"Parameters.parameter"}, "required");
    if (text[first] != '{' && text[first] != '<') {
        return base::fail(
            Kind::not_supported,
            "kedge fetches no resources for $fhirpath: send the resource itself, as 'resource' or as JSON or XML in 'valueString'",
            {"Parameters.parameter"});
    }
    auto resource = codec::from_either(text, limits);
    if (!resource) return base::pass(resource);
    out.resource = std::move(*resource);
    return {};
}

// value[x] with its type; a resource; JSON in an extension. Without any of them the variable is there, and empty.
base::Status take_variable(Question& out, const json::Value& part, const json::Limits& limits) {
    const std::string name(part.text("name"));
    if (name.empty()) return base::fail(Kind::invalid, "a variable needs a name", {"Parameters.parameter.part.name"}, "required");
    auto& nodes = out.variables[name];
    const auto& group = *definitions::group("Parameters.parameter");
    for (const auto& [json_name, value] : *part.if_object()) {
        const auto member = definitions::member(group, json_name);
        if (json_name == "resource") nodes.push_back(fhirpath::resource_node(value));
        if (member && member.element->name == "value") nodes.push_back({&value, part.find("_" + json_name), member.type});
    }
    if (const auto text = extension_text(part, kJsonValue); nodes.empty() && !text.empty()) {
        auto value = json::parse(text, limits);
        if (!value) return base::pass(value);
        out.values.push_back(std::make_unique<json::Value>(std::move(*value)));
        nodes.push_back(fhirpath::resource_node(*out.values.back()));
    }
    return {};
}

base::Status take(Question& out, const json::Value& part, const json::Limits& limits) {
    const auto name = part.text("name");
    if (name == "expression") out.expression = part.text("valueString");
    if (name == "context") out.context = part.text("valueString");
    if (name == "validate") {
        const auto* flag = part.find("valueBoolean");
        out.validate = flag != nullptr && flag->if_bool() != nullptr && *flag->if_bool();
    }
    if (name == "resource") return take_resource(out, part, limits);
    const auto* inner = name == "variables" && part.find("part") != nullptr ? part.find("part")->if_array() : nullptr;
    if (inner == nullptr) return {};
    for (const auto& variable : *inner) {
        if (!variable.is_object())
            return base::fail(Kind::invalid, "a variable is a part with a name and a value", {"Parameters.parameter.part"}, "structure");
        if (auto taken = take_variable(out, variable, limits); !taken) return taken;
    }
    return {};
}

base::Status read(const Attempt& a, const Services& services, Question& out) {
    if (a.request.body.size() > kBodyBytes) {
        return base::fail(Kind::too_large, "$fhirpath takes bodies of up to " + std::to_string(kBodyBytes) +
                                               " bytes; kedge fhirpath on the command line has no such limit");
    }
    auto body = parse_body(a, services, a.request.body);
    if (!body) return base::pass(body);
    out.parameters = std::move(*body);
    const auto* list = out.parameters.find("parameter") == nullptr ? nullptr : out.parameters.find("parameter")->if_array();
    if (out.parameters.text("resourceType") != "Parameters" || list == nullptr) {
        return base::fail(Kind::invalid, "$fhirpath takes Parameters with an expression and a resource", {}, "structure");
    }
    for (const auto& part : *list) {
        if (auto taken = take(out, part, services.settings.json); !taken) return taken;
    }
    const auto missing = [](std::string_view name) {
        return base::fail(Kind::invalid, "the parameter '" + std::string(name) + "' is missing", {"Parameters.parameter"}, "required");
    };
    if (out.expression.empty()) return missing("expression");
    if (!out.resource.is_object()) return missing("resource");
    return {};
}

// An error of the evaluation, with the parameter that it is about in front.
base::Error about(std::string_view parameter, base::Error error) {
    error.diagnostics = std::string(parameter) + ": " + error.diagnostics;
    error.expression = {"Parameters.parameter.where(name = '" + std::string(parameter) + "')"};
    if (error.kind == Kind::too_large) error.issue = "too-costly";
    return error;
}

class Evaluation {
  public:
    Evaluation(const Question& question, const Services& services)
        : question_(question),
          services_(services),
          places_(question.resource),
          writer_(places_, kAnswerBytes),
          known_(services.knowledge != nullptr ? services.knowledge->current() : validate::Profiles::r4()) {
        environment_.resource = &question.resource;
        environment_.conforms_to = fhirpath::conforms_to_type;
        environment_.member_of = [this](const fhirpath::Node& node, std::string_view url) {
            return validate::member_of(known_->terms(), node, url);
        };
        environment_.nodes = question.variables;
        environment_.limits = kLimits;
        environment_.now_us = services.clock.now_us();  // one moment for all contexts
    }

    base::Result<json::Value> run() {
        auto expression = fhirpath::compile(question_.expression);
        if (!expression) return tl::unexpected(about("expression", expression.error()));
        json::Array results;
        if (auto done = results_of(*expression, results); !done) return base::pass(done);
        json::Object out;
        out.set("resourceType", "Parameters");
        out.set("id", "fhirpath");
        json::Array all{echo(*expression)};
        for (auto& result : results) all.push_back(std::move(result));
        out.set("parameter", std::move(all));
        return json::Value(std::move(out));
    }

  private:
    base::Status results_of(const fhirpath::Expression& expression, json::Array& out) {
        const auto root = fhirpath::resource_node(question_.resource);
        if (question_.context.empty()) return result_of(expression, root, {}, out);
        const auto context = fhirpath::compile(question_.context);
        if (!context) return tl::unexpected(about("context", context.error()));
        const auto focuses = fhirpath::evaluate(*context, root, environment_);
        if (!focuses) return tl::unexpected(about("context", focuses.error()));
        if (focuses->size() > kContexts) {
            return tl::unexpected(
                about("context", {Kind::too_large, "it gives more than " + std::to_string(kContexts) + " items", {}, ""}));
        }
        for (std::size_t i = 0; i < focuses->size(); ++i) {
            const auto node = focuses->node(i);
            if (!node)
                return tl::unexpected(
                    about("context", {Kind::invalid, "it must give elements of the resource, not computed values", {}, ""}));
            const auto place = places_.find(*node);
            const auto label = place.empty() ? question_.context + "[" + std::to_string(i) + "]" : std::string(place);
            if (auto done = result_of(expression, *node, label, out); !done) return done;
        }
        return {};
    }

    base::Status result_of(const fhirpath::Expression& expression, const fhirpath::Node& focus, std::string_view label, json::Array& out) {
        json::Array traces;
        environment_.trace = [&](std::string_view name, const fhirpath::View& items) -> base::Status {
            json::Array parts;
            if (auto done = writer_.append(items, parts); !done) return done;
            auto trace = string_part("trace", name);
            if (!parts.empty()) trace.set("part", std::move(parts));
            traces.emplace_back(std::move(trace));
            return {};
        };
        const auto found = fhirpath::evaluate(expression, focus, environment_);
        environment_.trace = nullptr;
        if (!found) return tl::unexpected(about("expression", found.error()));
        check(expression, focus);
        json::Array parts;
        if (auto done = writer_.append(found->view(), parts); !done) return done;
        for (auto& trace : traces) parts.push_back(std::move(trace));
        auto result = string_part("result", label);
        if (!parts.empty()) result.set("part", std::move(parts));
        out.emplace_back(std::move(result));
        return {};
    }

    // What was asked, and what kedge made of the expression.
    json::Value echo(const fhirpath::Expression& expression) const {
        json::Array parts{string_part("evaluator", "kedge " + services_.settings.software_version + " (R4)"),
                          string_part("parseDebugTree", json::write(fhirpath::syntax_tree(expression)))};
        if (!warning_.empty()) parts.emplace_back(string_part("parseDebug", warning_));
        for (const auto& part : *question_.parameters.find("parameter")->if_array()) {
            const auto name = part.text("name");
            if (name == "expression" || name == "context" || name == "resource" || name == "variables" || name == "validate")
                parts.push_back(part);
        }
        json::Object out;
        out.set("name", "parameters");
        out.set("part", std::move(parts));
        return out;
    }

    // `validate`: what R4's definitions say against the expression. A path to nothing is no failure of the evaluation, so it is told beside
    // it.
    void check(const fhirpath::Expression& expression, const fhirpath::Node& focus) {
        if (!question_.validate || !warning_.empty()) return;
        environment_.strict = true;
        const auto found = fhirpath::evaluate(expression, focus, environment_);
        environment_.strict = false;
        if (!found) warning_ = found.error().diagnostics;
    }

    const Question& question_;
    const Services& services_;
    Places places_;
    PartWriter writer_;
    std::shared_ptr<const validate::Profiles> known_;
    fhirpath::Environment environment_;
    std::string warning_;
};

}  // namespace

void fhirpath_operation(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    a.subtype = "fhirpath";
    Question question;
    if (auto asked = read(a, services, question); !asked) return a.refuse(asked.error()), then(attempt);
    auto answer = Evaluation(question, services).run();
    if (!answer) return a.refuse(answer.error()), then(attempt);
    a.reply.body = json::write(*answer);
    then(attempt);
}

}  // namespace rest
