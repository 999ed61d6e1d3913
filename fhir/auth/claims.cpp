#include "fhir/auth/claims.hpp"

#include "storage/base/json.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace auth {
namespace {

constexpr std::size_t kMaxText = 256;  // of one claim
constexpr std::size_t kMaxList = 64;   // entries of one claim
// 2^53: times above it are written with an exponent or mean nothing.
constexpr std::int64_t kMaxSeconds = 9'007'199'254'740'992;

struct RoleName {
    consent::Role role;
    std::string_view name;
    std::array<std::string_view, 5> types;
};
constexpr RoleName kRoles[] = {
    {consent::Role::patient, "patient", {"Patient", "RelatedPerson"}},
    {consent::Role::practitioner, "practitioner", {"Practitioner", "PractitionerRole"}},
    {consent::Role::system, "system", {"Device", "Organization", "HealthcareService"}},
    {consent::Role::auditor, "auditor", {"Practitioner", "PractitionerRole", "Person", "Device", "Organization"}},
    {consent::Role::admin, "admin", {"Practitioner", "PractitionerRole", "Person", "Device", "Organization"}},
};

const RoleName* find_role(consent::Role role) {
    const auto at = std::find_if(std::begin(kRoles), std::end(kRoles), [&](const RoleName& row) { return row.role == role; });
    return at == std::end(kRoles) ? nullptr : at;
}

// "Type/id" with a FHIR id (datatypes.html#id).
bool is_reference(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || !std::isupper(static_cast<unsigned char>(text.front()))) return false;
    const auto type = text.substr(0, slash), id = text.substr(slash + 1);
    const auto in_type = [](unsigned char c) { return std::isalpha(c) != 0; };
    const auto in_id = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '.'; };
    return std::all_of(type.begin(), type.end(), in_type) && !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), in_id);
}

auto refused(std::string why) {
    return base::fail(base::Kind::unauthenticated, std::move(why));
}

base::Result<std::string> text_claim(const json::Value& object, std::string_view name, bool required) {
    const auto* value = object.find(name);
    if (!value && !required) return std::string();
    if (!value || !value->is_string()) return refused("the token's claim '" + std::string(name) + "' is missing or no string");
    const auto& text = *value->if_string();
    if ((required && text.empty()) || text.size() > kMaxText)
        return refused("the token's claim '" + std::string(name) + "' is empty or too long");
    return text;
}

base::Result<std::int64_t> time_claim(const json::Value& object, std::string_view name, bool required) {
    const auto* value = object.find(name);
    if (!value && !required) return 0;
    const auto* number = value ? value->if_number() : nullptr;
    std::int64_t seconds = -1;
    // RFC 7519 allows fractions; they are cut, which for exp can only shorten a token's life by less than a second.
    if (number) std::from_chars(number->text.data(), number->text.data() + number->text.size(), seconds);
    if (seconds < 0 || seconds > kMaxSeconds || number->text.find_first_of("eE") != std::string::npos) {
        return refused("the token's claim '" + std::string(name) + "' is missing or no time");
    }
    return seconds;
}

base::Result<std::vector<std::string>> list_claim(const json::Value& object, std::string_view name) {
    std::vector<std::string> out;
    const auto* value = object.find(name);
    if (!value) return out;
    const auto* array = value->if_array();
    if (!array || array->size() > kMaxList) return refused("the token's claim '" + std::string(name) + "' is no list, or too long");
    for (const auto& entry : *array) {
        const auto* text = entry.if_string();
        if (!text || text->empty() || text->size() > kMaxText)
            return refused("the token's claim '" + std::string(name) + "' holds something else than text");
        out.push_back(*text);
    }
    return out;
}

// RFC 9068: scope is one string, its words parted by single spaces.
std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto space = std::min(text.find(' '), text.size());
        if (space > 0) words.emplace_back(text.substr(0, space));
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return words;
}

base::Status read_scope(const json::Value& payload, Caller& caller) {
    const auto* scope = payload.find("scope");
    if (!scope) return {};
    if (!scope->is_string()) return refused("the token's claim 'scope' is no string");
    caller.scoped = true;
    caller.scopes = split_words(*scope->if_string());
    return {};
}

base::Status read_requester(const json::Value& payload, consent::Requester& requester) {
    const auto* kedge = payload.find("kedge");
    if (!kedge || !kedge->is_object()) return refused("the token's claim 'kedge' is missing");
    const auto role_name = text_claim(*kedge, "role", true);
    const auto subject = text_claim(payload, "fhirUser", true);
    const auto organization = text_claim(*kedge, "organization", false);
    auto purposes = list_claim(*kedge, "purpose_of_use");
    auto also = list_claim(*kedge, "also");
    for (const auto* part : {&role_name, &subject, &organization}) {
        if (!*part) return base::pass(*part);
    }
    if (!purposes) return base::pass(purposes);
    if (!also) return base::pass(also);
    const auto role = parse_role(*role_name);
    if (!role) return refused(role.error().diagnostics);
    if (const auto fits = check_subject(*role, *subject); !fits) return refused(fits.error().diagnostics);
    if (!organization->empty() && !is_reference(*organization)) return refused("the token's organization is no relative reference");
    if (!std::all_of(also->begin(), also->end(), [](const auto& text) { return is_reference(text); }))
        return refused("the token's claim 'also' holds no reference");
    requester = {*role, *subject, *organization, std::move(*also), std::move(*purposes)};
    return {};
}

json::Array to_array(const std::vector<std::string>& texts) {
    json::Array array;
    for (const auto& text : texts) array.emplace_back(text);
    return array;
}

}  // namespace

std::string_view to_string(consent::Role role) {
    const auto* row = find_role(role);
    CHECK(row != nullptr);
    return row->name;
}

base::Result<consent::Role> parse_role(std::string_view text) {
    for (const auto& row : kRoles) {
        if (row.name == text) return row.role;
    }
    return base::fail(base::Kind::invalid,
                      "there is no role '" + std::string(base::utf8_prefix(text, 40)) + "': patient, practitioner, system, auditor or admin");
}

base::Status check_subject(consent::Role role, std::string_view subject) {
    const auto* row = find_role(role);
    const auto type = subject.substr(0, subject.find('/'));
    if (!row || !is_reference(subject) || std::find(row->types.begin(), row->types.end(), type) == row->types.end()) {
        std::string types;
        for (const auto name : row ? row->types : std::array<std::string_view, 5>{}) {
            if (!name.empty()) types += (types.empty() ? "" : ", ") + std::string(name) + "/ID";
        }
        return base::fail(base::Kind::invalid, "the subject of a " + std::string(row ? row->name : "?") + " token is one of " + types);
    }
    return {};
}

std::string write_claims(const Claims& claims) {
    const auto& caller = claims.caller;
    json::Object kedge;
    kedge.set("role", to_string(caller.requester.role));
    if (!caller.requester.organization.empty()) kedge.set("organization", caller.requester.organization);
    if (!caller.requester.purposes.empty()) kedge.set("purpose_of_use", to_array(caller.requester.purposes));
    if (!caller.requester.also.empty()) kedge.set("also", to_array(caller.requester.also));
    json::Object out;
    out.set("iss", claims.issuer);
    out.set("aud", claims.audience);
    out.set("sub", caller.requester.subject);
    out.set("client_id", caller.client_id);
    out.set("iat", json::Value::number(claims.issued_s));
    out.set("nbf", json::Value::number(claims.not_before_s));
    out.set("exp", json::Value::number(claims.expires_s));
    out.set("jti", caller.token_id);
    if (caller.scoped) {
        std::string scope;
        for (const auto& word : caller.scopes) scope += (scope.empty() ? "" : " ") + word;
        out.set("scope", scope);
    }
    if (!caller.name.empty()) out.set("name", caller.name);
    out.set("fhirUser", caller.requester.subject);
    out.set("kedge", std::move(kedge));
    return json::write(json::Value(std::move(out)));
}

base::Result<Claims> read_claims(std::string_view payload) {
    const auto parsed = json::parse(payload, {.bytes = 16u << 10, .depth = 8, .values = 1024});
    if (!parsed || !parsed->is_object()) return refused("the token's payload is not a JSON object");
    Claims claims;
    const auto read_text = [&](std::string_view name, bool required, std::string& into) -> base::Status {
        auto text = text_claim(*parsed, name, required);
        if (!text) return base::pass(text);
        into = std::move(*text);
        return {};
    };
    const auto read_time = [&](std::string_view name, bool required, std::int64_t& into) -> base::Status {
        const auto time = time_claim(*parsed, name, required);
        if (!time) return base::pass(time);
        into = *time;
        return {};
    };
    auto& caller = claims.caller;
    for (const auto& status :
         {read_text("iss", true, claims.issuer), read_text("aud", true, claims.audience), read_text("jti", true, caller.token_id),
          read_text("client_id", false, caller.client_id), read_text("name", false, caller.name), read_time("exp", true, claims.expires_s),
          read_time("iat", true, claims.issued_s), read_time("nbf", false, claims.not_before_s), read_scope(*parsed, caller),
          read_requester(*parsed, caller.requester)}) {
        if (!status) return base::pass(status);
    }
    constexpr std::int64_t kMaxExpiry = INT64_MAX / 1'000'000;
    caller.expires_us = std::min(claims.expires_s, kMaxExpiry) * 1'000'000;
    return claims;
}

}  // namespace auth
