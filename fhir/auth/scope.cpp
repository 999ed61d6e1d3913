#include "fhir/auth/scope.hpp"

#include <algorithm>
#include <cctype>

namespace auth {
namespace {

std::optional<Context> parse_context(std::string_view text) {
    if (text == "patient") return Context::patient;
    if (text == "user") return Context::user;
    if (text == "system") return Context::system;
    return std::nullopt;
}

// Version 2 lists letters in the order c r u d s, each at most once; version 1 has three words.
unsigned parse_permissions(std::string_view text) {
    if (text == "read") return Scope::kRead | Scope::kSearch;
    if (text == "write") return Scope::kCreate | Scope::kUpdate | Scope::kDelete;
    if (text == "*") return Scope::kCreate | Scope::kRead | Scope::kUpdate | Scope::kDelete | Scope::kSearch;
    constexpr std::string_view kOrder = "cruds";
    unsigned permissions = 0;
    std::size_t next = 0;
    for (const char letter : text) {
        const auto at = kOrder.find(letter, next);
        if (at == std::string_view::npos) return 0;
        permissions |= 1u << at;
        next = at + 1;
    }
    return permissions;
}

bool is_type_name(std::string_view text) {
    if (text == "*") return true;
    return !text.empty() && text.size() <= 64 && std::isupper(static_cast<unsigned char>(text.front())) &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c); });
}

unsigned needed(consent::Action action) {
    switch (action) {
        case consent::Action::read:
            return Scope::kRead;
        case consent::Action::search:
            return Scope::kSearch;
        case consent::Action::history:
            return Scope::kRead | Scope::kSearch;
        case consent::Action::create:
            return Scope::kCreate;
        case consent::Action::update:
            return Scope::kUpdate;
        case consent::Action::remove:
            return Scope::kDelete;
        case consent::Action::operation:
            return Scope::kRead | Scope::kSearch;
    }
    return ~0u;  // an action that this file does not know is never allowed
}

bool counts_for(Context context, consent::Role role) {
    switch (context) {
        case Context::patient:
            return role == consent::Role::patient;
        case Context::user:
            return role != consent::Role::system;
        case Context::system:
            return role == consent::Role::system;
    }
    return false;
}

}  // namespace

std::optional<Scope> parse_scope(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto rest = text.substr(slash + 1);
    const auto dot = rest.find('.');
    const auto context = parse_context(text.substr(0, slash));
    if (!context || dot == std::string_view::npos || !is_type_name(rest.substr(0, dot))) return std::nullopt;
    const unsigned permissions = parse_permissions(rest.substr(dot + 1));
    if (permissions == 0) return std::nullopt;
    return Scope{*context, std::string(rest.substr(0, dot)), permissions};
}

bool scope_allows(const Caller& caller, std::string_view type, consent::Action action) {
    if (!caller.scoped) return true;
    const unsigned wanted = needed(action);
    unsigned granted = 0;
    for (const auto& text : caller.scopes) {
        const auto scope = parse_scope(text);
        if (scope && counts_for(scope->context, caller.requester.role) && (scope->type == "*" || scope->type == type))
            granted |= scope->permissions;
    }
    return (granted & wanted) == wanted;
}

}  // namespace auth
