#include "fhir/rest/route.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "fhir/definitions/definitions.hpp"
#include "storage/base/encoding.hpp"

namespace rest {
namespace {

using base::Kind;

// Most specific first: AuditEvent rows stand before [type] rows, because the trail is append-only.
constexpr std::array kRoutes{
    Route{"GET", "metadata", Interaction::capabilities, true, false},
    Route{"GET", ".well-known/smart-configuration", Interaction::smart_configuration, true, false},
    Route{"GET", "_page", Interaction::page, false, true},
    Route{"GET", "", Interaction::search_system, false, true},
    Route{"POST", "", Interaction::bundle, false, true},
    Route{"POST", "$fhirpath", Interaction::fhirpath, false, true},
    Route{"GET", "_history", Interaction::history_system, false, true},
    Route{"POST", "_search", Interaction::search_system, false, true},
    Route{"GET", "AuditEvent/$verify-integrity", Interaction::verify_integrity, false, true},
    Route{"GET", "AuditEvent/$proof", Interaction::log_proofs, false, true},
    Route{"GET", "AuditEvent/$consistency", Interaction::log_proofs, false, true},
    Route{"GET", "AuditEvent/$anchors", Interaction::log_proofs, false, true},
    Route{"GET", "AuditEvent/[id]/$proof", Interaction::proof, false, true},
    Route{"GET", "AuditEvent/[id]", Interaction::read, false, true},
    Route{"GET", "AuditEvent", Interaction::search_type, false, true},
    Route{"POST", "AuditEvent/_search", Interaction::search_type, false, true},
    Route{"GET", "Consent/[id]/$ledger-status", Interaction::ledger_status, false, false},
    Route{"GET", "Patient/[id]/$access-report", Interaction::access_report, false, true},
    Route{"GET", "CodeSystem/$lookup", Interaction::terminology, false, true},
    Route{"POST", "CodeSystem/$lookup", Interaction::terminology, false, true},
    Route{"GET", "CodeSystem/[id]/$lookup", Interaction::terminology, false, true},
    Route{"POST", "CodeSystem/[id]/$lookup", Interaction::terminology, false, true},
    Route{"GET", "CodeSystem/$subsumes", Interaction::terminology, false, true},
    Route{"POST", "CodeSystem/$subsumes", Interaction::terminology, false, true},
    Route{"GET", "CodeSystem/[id]/$subsumes", Interaction::terminology, false, true},
    Route{"POST", "CodeSystem/[id]/$subsumes", Interaction::terminology, false, true},
    Route{"GET", "CodeSystem/$validate-code", Interaction::terminology, false, true},
    Route{"POST", "CodeSystem/$validate-code", Interaction::terminology, false, true},
    Route{"GET", "CodeSystem/[id]/$validate-code", Interaction::terminology, false, true},
    Route{"POST", "CodeSystem/[id]/$validate-code", Interaction::terminology, false, true},
    Route{"GET", "ConceptMap/$translate", Interaction::terminology, false, true},
    Route{"POST", "ConceptMap/$translate", Interaction::terminology, false, true},
    Route{"GET", "ConceptMap/[id]/$translate", Interaction::terminology, false, true},
    Route{"POST", "ConceptMap/[id]/$translate", Interaction::terminology, false, true},
    Route{"GET", "ValueSet/$expand", Interaction::terminology, false, true},
    Route{"POST", "ValueSet/$expand", Interaction::terminology, false, true},
    Route{"GET", "ValueSet/[id]/$expand", Interaction::terminology, false, true},
    Route{"POST", "ValueSet/[id]/$expand", Interaction::terminology, false, true},
    Route{"GET", "ValueSet/$validate-code", Interaction::terminology, false, true},
    Route{"POST", "ValueSet/$validate-code", Interaction::terminology, false, true},
    Route{"GET", "ValueSet/[id]/$validate-code", Interaction::terminology, false, true},
    Route{"POST", "ValueSet/[id]/$validate-code", Interaction::terminology, false, true},
    Route{"POST", "[type]/$validate", Interaction::validation, false, true},
    Route{"POST", "[type]/[id]/$validate", Interaction::validation, false, true},
    Route{"GET", "[type]/[id]", Interaction::read, false, false},
    Route{"GET", "[type]/[id]/_history/[vid]", Interaction::vread, false, false},
    Route{"GET", "[type]/[id]/_history", Interaction::history_instance, false, true},
    Route{"GET", "[type]/_history", Interaction::history_type, false, true},
    Route{"PUT", "[type]/[id]", Interaction::update, false, false},
    Route{"PATCH", "[type]/[id]", Interaction::patch, false, false},
    Route{"DELETE", "[type]/[id]", Interaction::remove, false, false},
    Route{"PUT", "[type]", Interaction::update, false, false},
    Route{"PATCH", "[type]", Interaction::patch, false, false},
    Route{"DELETE", "[type]", Interaction::remove, false, false},
    Route{"POST", "[type]", Interaction::create, false, false},
    Route{"GET", "[type]", Interaction::search_type, false, true},
    Route{"POST", "[type]/_search", Interaction::search_type, false, true},
};

constexpr std::size_t kUsualWords = 4;  // [type]/[id]/_history/[vid]; longer paths are not refused here

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> out;
    out.reserve(kUsualWords);
    while (!path.empty()) {
        const auto slash = path.find('/');
        out.push_back(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    }
    return out;
}

// R4 datatypes.html#id
bool valid_id(std::string_view id) {
    if (id.empty() || id.size() > 64) return false;
    for (const char c : id) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (!fine) return false;
    }
    return true;
}

bool names_type(std::string_view segment) {
    return !segment.empty() && segment.front() >= 'A' && segment.front() <= 'Z';
}

bool word_fits(std::string_view word, std::string_view segment) {
    if (word == "[type]") return names_type(segment);
    if (word == "[id]" || word == "[vid]") return !segment.starts_with('_') && !segment.starts_with('$');
    return word == segment;
}

// Does the pattern fit, going by shape alone? Fixed words ([_$.] or a resource name) must be equal.
bool fits(std::string_view pattern, const std::vector<std::string>& segments) {
    for (const auto& segment : segments) {
        const auto slash = std::min(pattern.find('/'), pattern.size());
        if (pattern.empty() || !word_fits(pattern.substr(0, slash), segment)) return false;
        pattern.remove_prefix(std::min(slash + 1, pattern.size()));
    }
    return pattern.empty();
}

base::Status fill(Action& action, const std::vector<std::string>& segments) {
    const auto words = split(action.route->path);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "[vid]") {
            const auto& text = segments[i];
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), action.version);
            const bool another_spelling = text.starts_with('0');  // a version id is a text: "01" is not "1"
            if (another_spelling || error != std::errc() || end != text.data() + text.size()) return base::fail(Kind::not_found, "no such version");
        } else if (words[i] == "[id]") {
            if (!valid_id(segments[i])) return base::fail(Kind::invalid, "the id in the URL is no FHIR id: 1 to 64 of A-Z a-z 0-9 - .");
            action.id = segments[i];
        } else if (names_type(words[i]) || words[i] == "[type]") {
            action.type = segments[i];
            if (!definitions::is_resource_type(action.type)) {
                return base::fail(Kind::not_found, "'" + std::string(base::utf8_prefix(action.type, 64)) + "' is no R4 resource type", {}, "not-supported");
            }
            if (!has_endpoint(action.type) && action.interaction != Interaction::validation) return tl::unexpected(no_endpoint(action.type));
        }
    }
    return {};
}

// Rows whose path fits although an earlier, more specific family owns it: the trail takes no client writes.
bool trail_is_closed(const Route& row, const std::vector<std::string>& segments) {
    const bool audit = !segments.empty() && segments.front() == "AuditEvent";
    return audit && row.path.starts_with("[type]");
}

// R4 binary.html: what a patch would mean for a Binary is not defined.
bool is_patch_of_binary(const Route& row, const std::vector<std::string>& segments) {
    return row.interaction == Interaction::patch && !segments.empty() && segments.front() == "Binary";
}

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

bool has_endpoint(std::string_view type) {
    return type != "Parameters";
}

base::Error no_endpoint(std::string_view type) {
    return base::Error{Kind::not_found, std::string(type) + " has no endpoint of its own: operations take and give it", {}, "not-supported"};
}

base::Result<Action> route(const http::Request& request, std::string_view base_path, std::string& allow) {
    std::string_view path = request.path;
    if (!path.starts_with(base_path) || (path.size() > base_path.size() && path[base_path.size()] != '/')) {
        return base::fail(Kind::not_found, "nothing is served here; the FHIR API is at " + std::string(base_path));
    }
    path.remove_prefix(base_path.size());
    if (path.starts_with('/')) path.remove_prefix(1);
    if (path.ends_with('/')) path.remove_suffix(1);
    std::vector<std::string> segments;
    segments.reserve(kUsualWords);
    for (const auto part : split(path)) {
        auto decoded = base::percent_decode(part, false);
        if (!decoded) return base::pass(decoded);
        segments.push_back(std::move(*decoded));
    }
    const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
    for (const auto& row : kRoutes) {
        if (!fits(row.path, segments) || trail_is_closed(row, segments) || is_patch_of_binary(row, segments)) continue;
        if (row.method != method) {
            const std::string allowed = row.method == "GET" ? "GET, HEAD" : std::string(row.method);
            if (allow.find(allowed) == std::string::npos) allow += (allow.empty() ? "" : ", ") + allowed;
            continue;
        }
        Action action;
        action.interaction = row.interaction;
        action.route = &row;
        if (auto filled = fill(action, segments); !filled) return base::pass(filled);
        return action;
    }
    if (!allow.empty()) {
        return base::fail(Kind::not_allowed, request.method + " is not for this path; it takes " + allow, {}, "not-supported");
    }
    for (const auto& segment : segments) {
        if (segment.starts_with('$')) return base::fail(Kind::not_supported, "the operation " + std::string(base::utf8_prefix(segment, 64)) + " is not built here");
    }
    return base::fail(Kind::not_found, "there is no such path below " + std::string(base_path));
}

std::string_view interaction_code(Interaction interaction) {
    switch (interaction) {
        case Interaction::capabilities: return "capabilities";
        case Interaction::smart_configuration: return "capabilities";
        case Interaction::read: return "read";
        case Interaction::vread: return "vread";
        case Interaction::create: return "create";
        case Interaction::update: return "update";
        case Interaction::patch: return "patch";
        case Interaction::remove: return "delete";
        case Interaction::history_instance: return "history-instance";
        case Interaction::history_type: return "history-type";
        case Interaction::history_system: return "history-system";
        case Interaction::search_type: return "search-type";
        case Interaction::search_system: return "search-system";
        case Interaction::bundle: return "transaction";
        case Interaction::page: return "search-type";
        case Interaction::ledger_status:
        case Interaction::proof:
        case Interaction::verify_integrity:
        case Interaction::log_proofs:
        case Interaction::access_report:
        case Interaction::fhirpath:
        case Interaction::validation:
        case Interaction::terminology: return "operation";
    }
    return "operation";
}

}  // namespace rest
