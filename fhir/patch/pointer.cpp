#include "fhir/patch/pointer.hpp"

#include <algorithm>
#include <charconv>

namespace patch {

bool Pointer::leads_to(const Pointer& other) const {
    return tokens.size() <= other.tokens.size() && std::equal(tokens.begin(), tokens.end(), other.tokens.begin());
}

base::Result<Pointer> parse_pointer(std::string_view text) {
    Pointer out{std::string(text), {}};
    if (!text.empty() && text.front() != '/') return base::fail(base::Kind::invalid, "a JSON pointer begins with a slash", {}, "value");
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '/') {
            out.tokens.emplace_back();
        } else if (text[i] != '~') {
            out.tokens.back() += text[i];
        } else {
            const char escaped = i + 1 < text.size() ? text[i + 1] : '\0';
            if (escaped != '0' && escaped != '1')
                return base::fail(base::Kind::invalid, "in a JSON pointer '~' stands only as ~0 or ~1", {}, "value");
            out.tokens.back() += escaped == '0' ? '~' : '/';
            ++i;
        }
    }
    return out;
}

std::optional<std::size_t> array_index(std::string_view token) {
    if (token.empty() || (token.size() > 1 && token.front() == '0')) return std::nullopt;
    std::size_t out = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), out);
    if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
    return out;
}

json::Value* find_at(json::Value& document, const Pointer& pointer, std::size_t depth) {
    json::Value* at = &document;
    for (std::size_t i = 0; i < depth && at != nullptr; ++i) {
        const auto& token = pointer.tokens[i];
        if (auto* list = at->if_array()) {
            const auto index = array_index(token);
            at = index && *index < list->size() ? &(*list)[*index] : nullptr;
        } else {
            at = at->find(token);
        }
    }
    return at;
}

}  // namespace patch
