#include "fhir/codec/references.hpp"

#include "fhir/codec/resource.hpp"
#include "fhir/codec/walk.hpp"
#include "fhir/definitions/definitions.hpp"

namespace codec {
namespace {

// The scheme is no part of an identity: http and https name the same object.
std::string_view without_scheme(std::string_view url) {
    if (url.starts_with("https:")) return url.substr(6);
    if (url.starts_with("http:")) return url.substr(5);
    return {};
}

// Type/id or Type/id/_history/version at the end of `path`; nothing may stand before it when `whole`.
bool parse_restful(std::string_view path, bool whole, Reference& out) {
    std::string_view version;
    if (const auto history = path.rfind("/_history/"); history != std::string_view::npos) {
        version = path.substr(history + 10);
        if (!valid_id(version)) return false;
        path = path.substr(0, history);
    }
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos) return false;
    const auto id = path.substr(slash + 1);
    auto type = path.substr(0, slash);
    if (const auto before = type.rfind('/'); before != std::string_view::npos) {
        if (whole) return false;
        type = type.substr(before + 1);
    }
    if (!valid_id(id) || !definitions::is_resource_type(type)) return false;
    out.type = type;
    out.id = id;
    out.version = version;
    return true;
}

}  // namespace

Reference parse_reference(std::string_view text, std::string_view base_url) {
    Reference out;
    if (text.starts_with("#")) {
        out.form = Reference::Form::contained;
        out.id = text.substr(1);
        return out;
    }
    if (text.starts_with("urn:uuid:") || text.starts_with("urn:oid:")) {
        out.form = Reference::Form::urn;
        return out;
    }
    const auto absolute = without_scheme(text), base = without_scheme(base_url);
    auto path = text;
    if (!base.empty() && absolute.size() > base.size() && absolute.starts_with(base) && absolute[base.size()] == '/') {
        path = absolute.substr(base.size() + 1);
    } else if (text.find("://") < text.find('?') || (text.find("://") != std::string_view::npos && text.find('?') == std::string_view::npos)) {
        // A system in the query of a conditional reference has slashes of its own; only those before it make a URL absolute.
        out.form = Reference::Form::external;
        parse_restful(text.substr(text.find("://") + 3), false, out);
        return out;
    }
    if (const auto query = path.find('?'); query != std::string_view::npos) {
        if (!definitions::is_resource_type(path.substr(0, query))) return out;
        out.form = Reference::Form::conditional;
        out.type = path.substr(0, query);
        out.query = path.substr(query + 1);
    } else if (parse_restful(path, true, out)) {
        out.form = Reference::Form::local;
    }
    return out;
}

void visit_references(const json::Value& resource, const std::function<void(const std::string&)>& visit) {
    walk_links(resource, [&](Link link, const std::string& text) {
        if (link == Link::reference) visit(text);
    });
}
void visit_references(json::Value& resource, const std::function<void(std::string&)>& visit) {
    walk_links(resource, [&](Link link, std::string& text) {
        if (link == Link::reference) visit(text);
    });
}

}  // namespace codec
