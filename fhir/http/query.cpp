#include "fhir/http/query.hpp"

#include "storage/base/encoding.hpp"

namespace http {

base::Result<Query> parse_query(std::string_view text) {
    Query query;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto part = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (part.empty()) continue;
        if (query.size() == kMaxQueryParameters) {
            return base::fail(base::Kind::too_large, "more than " + std::to_string(kMaxQueryParameters) + " query parameters");
        }
        const auto equals = part.find('=');
        auto name = base::percent_decode(part.substr(0, equals), true);
        if (!name) return base::fail(base::Kind::invalid, "a query parameter's name has a broken percent-escape");
        auto value = base::percent_decode(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1), true);
        if (!value) return base::fail(base::Kind::invalid, "the value of a query parameter has a broken percent-escape", {*name});
        query.emplace_back(std::move(*name), std::move(*value));
    }
    return query;
}

const std::string* find_parameter(const Query& query, std::string_view name) {
    for (const auto& [key, value] : query) {
        if (key == name) return &value;
    }
    return nullptr;
}

std::string write_query(const Query& query) {
    std::string out;
    for (const auto& [name, value] : query) {
        if (!out.empty()) out += '&';
        out += base::percent_encode(name);
        out += '=';
        out += base::percent_encode(value);
    }
    return out;
}

}  // namespace http
