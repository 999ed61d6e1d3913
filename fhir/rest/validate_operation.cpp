// $validate: https://hl7.org/fhir/R4/resource-operation-validate.html. Nothing is stored; the answer is 200 with an OperationOutcome,
// whatever it says of the resource. It is an access like any other: it needs a token, and it leaves its line in the trail.
#include "fhir/http/query.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/knowledge.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/validating.hpp"
#include "fhir/rest/writing.hpp"
#include "storage/base/encoding.hpp"

namespace rest {
namespace {

using base::Kind;
using validate::Issues;
using validate::Severity;

struct Question {
    json::Value resource;  // null when none was sent
    std::string mode;      // create, update, delete, profile; empty: as it stands
    std::vector<std::string> profiles;
};

// The parameters stand in the URL, or in a Parameters resource around the resource.
base::Status take(Question& question, std::string_view name, std::string_view value) {
    if (name == "mode") {
        if (value != "create" && value != "update" && value != "delete" && value != "profile") {
            return base::fail(Kind::invalid, "mode is one of create, update, delete, profile", {"Parameters.parameter"}, "value");
        }
        question.mode = value;
    } else if (name == "profile") {
        question.profiles.emplace_back(value);
    }
    return {};
}

base::Status unwrap(Question& question, const json::Value& parameters) {
    const auto* list = parameters.find("parameter") == nullptr ? nullptr : parameters.find("parameter")->if_array();
    if (list == nullptr) return {};
    for (const auto& part : *list) {
        const auto name = part.text("name");
        if (name == "resource" && part.find("resource") != nullptr) question.resource = *part.find("resource");
        for (const auto* member : {"valueCode", "valueUri", "valueCanonical", "valueUrl", "valueString"}) {
            if (part.text(member).empty()) continue;
            if (auto taken = take(question, name, part.text(member)); !taken) return taken;
        }
    }
    return {};
}

base::Result<Question> parse(const Attempt& a, const Services& services) {
    Question out;
    if (!a.request.query.empty()) {
        const auto query = http::parse_query(a.request.query);
        if (!query) return base::pass(query);
        for (const auto& [name, value] : *query) {
            if (auto taken = take(out, name, value); !taken) return base::pass(taken);
        }
    }
    if (a.request.body.empty()) return out;
    auto tree = parse_body(a, services, a.request.body);
    if (!tree) return base::pass(tree);
    // Of Parameters the resource inside is meant, but for Parameters/$validate sent without a parameter named resource.
    const bool wrapped = tree->text("resourceType") == "Parameters";
    if (wrapped) {
        if (auto taken = unwrap(out, *tree); !taken) return base::pass(taken);
    }
    if (!wrapped || (a.action.type == "Parameters" && out.resource.is_null())) out.resource = std::move(*tree);
    return out;
}

// May this caller delete it, by consent? What the server would otherwise refuse is not known before it is tried.
base::Result<Issues> ask_delete(Attempt& a, const Services& services) {
    if (a.action.id.empty()) return base::fail(Kind::invalid, "mode=delete is asked of one resource: POST [type]/[id]/$validate");
    auto record = or_absent(services.store.read(a.duty, a.action.type, a.action.id));
    if (!record) return base::pass(record);
    if (!*record || (*record)->version.deleted) return tl::unexpected(not_found(a.action.type, a.action.id));
    Access access(services, a);
    auto body = disclose(a, services, access, consent::Action::read, **record);
    if (!body) return base::pass(body);
    const auto facts = consent::Facts::decode((*record)->facts);
    if (!facts) return base::pass(facts);
    Issues out;
    if (!access.may(consent::Action::remove, *facts).permits()) out.push_back({Severity::error, "forbidden", "You may not delete this resource", {}});
    return out;
}

base::Result<Issues> answer(Attempt& a, const Services& services) {
    auto question = parse(a, services);
    if (!question) return base::pass(question);
    if (question->mode == "delete") return ask_delete(a, services);
    if (question->resource.is_null()) return base::fail(Kind::invalid, "the resource to validate is missing: send it as the body, or in Parameters as the parameter 'resource'", {}, "required");
    auto options = validate_options(services);
    options.profile_urls = std::move(question->profiles);
    auto issues = validate::validate(question->resource, options);
    // A write of it would be refused for these too.
    auto unusable = definition_issues(question->resource);
    issues.insert(issues.end(), std::make_move_iterator(unusable.begin()), std::make_move_iterator(unusable.end()));
    const auto type = question->resource.text("resourceType");
    if (!type.empty() && type != a.action.type) {
        issues.insert(issues.begin(), {Severity::error, "invalid", "The URL says " + a.action.type + ", the resource is another type", std::string(base::utf8_prefix(type, 64)) + ".resourceType"});
    }
    if (question->mode == "update" && question->resource.text("id") != a.action.id) {
        issues.insert(issues.begin(), {Severity::error, "invalid", "For an update the resource's id must be the one in the URL", a.action.type + ".id"});
    }
    return issues;
}

}  // namespace

void validate_operation(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    a.subtype = "validate";
    auto issues = answer(a, services);
    if (!issues) return a.refuse(issues.error()), then(attempt);
    a.reply.body = json::write(validate::operation_outcome(*issues));
    then(attempt);
}

}  // namespace rest
