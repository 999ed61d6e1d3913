#include "fhir/http/media_type.hpp"

#include "fhir/http/headers.hpp"

#include <algorithm>

namespace http {
namespace {

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), in thousandths; nullopt when it is none.
std::optional<int> parse_quality(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    int value = (text[0] - '0') * 1000;
    int weight = 100;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (c < '0' || c > '9') return std::nullopt;
        value += (c - '0') * weight;
        weight /= 10;
    }
    return value <= 1000 ? std::optional<int>(value) : std::nullopt;
}

// 0: does not fit; 1: */*; 2: type/*; 3: type/subtype. Parameters other than q are left to the handler (fhirVersion).
int fit(const MediaType& range, std::string_view offer) {
    if (range.type == "*" && range.subtype == "*") return 1;
    const auto slash = offer.find('/');
    if (range.type != offer.substr(0, slash)) return 0;
    if (range.subtype == "*") return 2;
    return range.subtype == offer.substr(slash + 1) ? 3 : 0;
}

int quality_of(std::span<const AcceptRange> ranges, std::string_view offer) {
    int best_fit = 0;
    int quality = 0;
    for (const auto& candidate : ranges) {
        const int found = fit(candidate.range, offer);
        if (found > best_fit) {
            best_fit = found;
            quality = candidate.quality;
        } else if (found != 0 && found == best_fit) {
            quality = std::max(quality, candidate.quality);
        }
    }
    return quality;
}

}  // namespace

const std::string* MediaType::parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters) {
        if (key == name) return &value;
    }
    return nullptr;
}

base::Result<MediaType> parse_media_type(std::string_view text) {
    const auto parts = split_list(text, ';');
    if (parts.empty()) return base::fail(base::Kind::invalid, "an empty media type");
    const auto slash = parts[0].find('/');
    const auto type = trimmed(parts[0].substr(0, slash));
    const auto subtype = slash == std::string_view::npos ? std::string_view() : trimmed(parts[0].substr(slash + 1));
    if (!is_token(type) || !is_token(subtype) || (type == "*" && subtype != "*")) {
        return base::fail(base::Kind::invalid, "a media type must read type/subtype");
    }
    MediaType out{lowered(type), lowered(subtype), {}};
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto equals = parts[i].find('=');
        if (equals == std::string_view::npos || !is_token(parts[i].substr(0, equals))) {
            return base::fail(base::Kind::invalid, "a parameter of a media type must read name=value");
        }
        out.parameters.emplace_back(lowered(parts[i].substr(0, equals)), unquoted(parts[i].substr(equals + 1)));
    }
    return out;
}

base::Result<std::vector<AcceptRange>> parse_accept(std::string_view text) {
    std::vector<AcceptRange> ranges;
    for (const auto part : split_list(text, ',')) {
        if (ranges.size() == kMaxAcceptRanges) {
            return base::fail(base::Kind::too_large, "more than " + std::to_string(kMaxAcceptRanges) + " media ranges in Accept");
        }
        auto media = parse_media_type(part);
        if (!media) return base::pass(media);
        AcceptRange range{std::move(*media), 1000};
        auto& parameters = range.range.parameters;
        const auto q = std::find_if(parameters.begin(), parameters.end(), [](const auto& p) { return p.first == "q"; });
        if (q != parameters.end()) {
            const auto quality = parse_quality(q->second);
            if (!quality) return base::fail(base::Kind::invalid, "q in Accept must be 0 to 1 with at most three decimals");
            range.quality = *quality;
            parameters.erase(q, parameters.end());  // what follows q are accept-ext, which nothing defines
        }
        ranges.push_back(std::move(range));
    }
    return ranges;
}

std::optional<std::size_t> negotiate(std::span<const AcceptRange> ranges, std::span<const std::string_view> offered) {
    if (ranges.empty()) return offered.empty() ? std::nullopt : std::optional<std::size_t>(0);
    std::optional<std::size_t> best;
    int best_quality = 0;
    for (std::size_t i = 0; i < offered.size(); ++i) {
        const int quality = quality_of(ranges, offered[i]);
        if (quality > best_quality) {
            best_quality = quality;
            best = i;
        }
    }
    return best;
}

}  // namespace http
