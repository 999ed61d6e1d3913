// kedge patch: one patch of any form on one resource, as PATCH would do it, without a server. What came out is not validated beyond R4's
// rules of form (kedge validate does that), and a narrative stays as it is.
#include "fhir/codec/structure.hpp"
#include "fhir/codec/xml.hpp"
#include "fhir/patch/patch.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/input.hpp"
#include "fhir/server/say.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace server {
namespace {

using base::Kind;

bool is_xml(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const auto at = text.find_first_not_of(" \t\r\n");
    return at != std::string_view::npos && text[at] == '<';
}

base::Error in_file(const std::string& path, base::Error error) {
    error.diagnostics = path + ": " + error.diagnostics;
    return error;
}

base::Result<json::Value> patched(const std::string& patch_text, const std::string& text, const PatchOptions& options) {
    const auto patch = patch::parse_any(patch_text);
    if (!patch) return tl::unexpected(in_file(options.patch, patch.error()));
    const auto resource = codec::from_either(text);
    if (!resource) return tl::unexpected(in_file(options.file, resource.error()));
    auto out = patch->apply(*resource);
    if (!out) return out;
    auto issues = codec::check_structure(*out, {resource->text("resourceType"), std::nullopt});
    if (!issues.empty()) {
        issues.front().diagnostics = "the patched resource: " + issues.front().diagnostics;
        return tl::unexpected(std::move(issues.front()));
    }
    return out;
}

base::Result<std::string> written(const json::Value& resource, bool xml, bool pretty) {
    if (xml) return codec::to_xml(resource, pretty ? codec::XmlStyle::pretty : codec::XmlStyle::compact);
    return pretty ? json::write_pretty(resource) : json::write(resource);
}

}  // namespace

int run(const PatchOptions& options) {
    if (options.patch == "-" && options.file == "-")
        return say_error(base::Error{Kind::invalid, "only one of the two can be stdin", {}, {}}, 2);
    const auto limit = json::Limits{}.bytes;
    const auto patch_text = read_input(options.patch, limit);
    if (!patch_text) return say_error(patch_text.error());
    const auto text = read_input(options.file, limit);
    if (!text) return say_error(text.error());
    const bool xml = is_xml(*text);
    const auto resource = patched(*patch_text, *text, options);
    auto out = resource ? written(*resource, xml, options.pretty) : base::Result<std::string>(base::pass(resource));
    const bool done = out.has_value();
    if (!done) {
        const auto outcome = json::parse(rest::operation_outcome(out.error()));
        CHECK(outcome.has_value());
        out = written(*outcome, xml, options.pretty);
        if (!out) out = rest::operation_outcome(base::Error{Kind::unprocessable, "the reason holds characters that XML cannot", {}, {}});
    }
    if (!out->ends_with('\n')) *out += '\n';
    const bool told = std::fwrite(out->data(), 1, out->size(), stdout) == out->size() && std::fflush(stdout) == 0;
    if (!told) return say_error(base::Error{Kind::fault, std::string("cannot write the answer: ") + std::strerror(errno), {}, {}});
    return done ? 0 : 1;
}

}  // namespace server
