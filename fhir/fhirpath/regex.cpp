#include "fhir/fhirpath/regex.hpp"

#include <algorithm>

#include <unicode/regex.h>
#include <unicode/unistr.h>

namespace fhirpath {
namespace {

constexpr std::int32_t kStackBytes = 4 << 20;
constexpr std::size_t kPatternBytes = 16u << 10;
constexpr std::size_t kTextBytes = 16u << 20;

icu::UnicodeString to_icu(std::string_view text) {
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

base::Error failure(UErrorCode status) {
    switch (status) {
        case U_REGEX_TIME_OUT:
            return {base::Kind::too_large, "the regular expression takes longer than limit regex_ms allows", {}, ""};
        case U_REGEX_STACK_OVERFLOW:
            return {base::Kind::too_large, "the regular expression needs more memory than one may take", {}, ""};
        case U_INDEX_OUTOFBOUNDS_ERROR:
        case U_REGEX_INVALID_CAPTURE_GROUP_NAME:
            return {base::Kind::invalid, "the substitution names a group that the pattern does not have", {}, ""};
        default:
            return {base::Kind::invalid, std::string("the regular expression cannot be used: ") + u_errorName(status), {}, ""};
    }
}

}  // namespace

struct Regex::Pattern {
    std::unique_ptr<icu::RegexPattern> compiled;
};

Regex::Regex(std::unique_ptr<Pattern> pattern) : pattern_(std::move(pattern)) {}
Regex::~Regex() = default;

base::Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern, std::string_view flags) {
    if (pattern.size() > kPatternBytes) return base::fail(base::Kind::too_large, "the regular expression is longer than 16384 bytes");
    std::uint32_t options = UREGEX_DOTALL;
    for (const char flag : flags) {
        if (flag != 'i' && flag != 'm') return base::fail(base::Kind::invalid, "flags of a regular expression are i and m");
        options |= flag == 'i' ? UREGEX_CASE_INSENSITIVE : UREGEX_MULTILINE;
    }
    UErrorCode status = U_ZERO_ERROR;
    UParseError place;
    auto out = std::make_unique<Pattern>();
    out->compiled.reset(icu::RegexPattern::compile(to_icu(pattern), options, place, status));
    if (U_FAILURE(status)) return tl::unexpected(failure(status));
    return std::shared_ptr<const Regex>(new Regex(std::move(out)));
}

bool Regex::empty() const {
    return pattern_->compiled->pattern().isEmpty() != 0;
}

base::Result<bool> Regex::matches(std::string_view text, bool whole, std::int32_t limit_ms) const {
    if (text.size() > kTextBytes) return base::fail(base::Kind::too_large, "text for a regular expression may have 16 MB");
    UErrorCode status = U_ZERO_ERROR;
    const auto subject = to_icu(text);
    const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->compiled->matcher(subject, status));
    if (U_FAILURE(status)) return tl::unexpected(failure(status));
    matcher->setTimeLimit(limit_ms, status);
    matcher->setStackLimit(kStackBytes, status);
    const bool found = whole ? matcher->matches(status) : matcher->find(status);
    if (U_FAILURE(status)) return tl::unexpected(failure(status));
    return found;
}

base::Result<std::string> Regex::replace(std::string_view text, std::string_view substitution, std::int32_t limit_ms,
                                         std::size_t limit_bytes) const {
    if (text.size() > kTextBytes) return base::fail(base::Kind::too_large, "text for a regular expression may have 16 MB");
    UErrorCode status = U_ZERO_ERROR;
    const auto subject = to_icu(text);
    const auto replacement = to_icu(substitution);
    const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->compiled->matcher(subject, status));
    if (U_FAILURE(status)) return tl::unexpected(failure(status));
    matcher->setTimeLimit(limit_ms, status);
    matcher->setStackLimit(kStackBytes, status);
    icu::UnicodeString out;
    while (matcher->find(status) && U_SUCCESS(status)) {
        matcher->appendReplacement(out, replacement, status);
        if (static_cast<std::size_t>(out.length()) > limit_bytes)
            return base::fail(base::Kind::too_large, "the replaced text is longer than limit memory_bytes allows");
    }
    if (U_FAILURE(status)) return tl::unexpected(failure(status));
    matcher->appendTail(out);
    std::string utf8;
    out.toUTF8String(utf8);
    return utf8;
}

}  // namespace fhirpath
