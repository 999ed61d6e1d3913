// kedge validate: the same checks as a write to the server, on files and without a server.
#include "fhir/codec/xml.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/say.hpp"
#include "fhir/validate/profiles.hpp"
#include "fhir/validate/validate.hpp"
#include "storage/base/file.hpp"

#include <cstdio>

namespace server {
namespace {

using validate::Issue;
using validate::Issues;
using validate::Severity;

// What cannot be parsed is one issue of the outcome, like everything else that is wrong with a file.
Issues issues_of(const std::string& path, const validate::Options& options) {
    const auto text = base::read_file(path);
    if (!text) return {{Severity::error, "not-found", text.error().diagnostics, {}}};
    const auto tree = codec::from_either(*text);
    if (!tree) return {{Severity::error, "structure", tree.error().diagnostics, tree.error().expression.empty() ? std::string() : tree.error().expression.front()}};
    return validate::validate(*tree, options);
}

void print(const std::string& path, const Issues& issues, bool text) {
    if (!text) {
        const auto line = json::write(validate::operation_outcome(issues));
        std::fprintf(stdout, "%s\n", line.c_str());
        return;
    }
    for (const Issue& issue : issues) {
        const std::string severity(to_string(issue.severity));
        std::fprintf(stdout, "%s: %s: %s%s%s\n", path.c_str(), severity.c_str(), issue.expression.c_str(), issue.expression.empty() ? "" : ": ", issue.diagnostics.c_str());
    }
    if (issues.empty()) std::fprintf(stdout, "%s: valid\n", path.c_str());
}

}  // namespace

int run(const ValidateOptions& options) {
    validate::Profiles profiles;
    for (const auto& package : options.packages) {
        if (auto loaded = profiles.load(package); !loaded) return say_error(loaded.error(), 2);
    }
    validate::Options how;
    how.profiles = &profiles;
    how.profile_urls = options.profiles;
    bool failed = false;
    for (const auto& path : options.files) {
        const auto issues = issues_of(path, how);
        failed = failed || validate::has_errors(issues);
        print(path, issues, options.text);
    }
    return failed ? 1 : 0;
}

}  // namespace server
