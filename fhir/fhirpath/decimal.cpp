#include "fhir/fhirpath/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace fhirpath {
namespace {

using Int = Decimal::Int;

constexpr auto kPowers = [] {
    std::array<Int, Decimal::kMaxDigits + 1> powers{};
    Int power = 1;
    for (auto& entry : powers) {
        entry = power;
        if (&entry != &powers.back()) power *= 10;
    }
    return powers;
}();
constexpr Int kLargest = kPowers[Decimal::kMaxDigits] - 1;

Int magnitude(Int value) {
    return value < 0 ? -value : value;
}

bool fits(Int value) {
    return magnitude(value) <= kLargest;
}

std::optional<Int> scaled_up(Int value, int digits) {
    if (digits > Decimal::kMaxDigits) return value == 0 ? std::optional<Int>(0) : std::nullopt;
    Int out;
    if (__builtin_mul_overflow(value, kPowers[static_cast<std::size_t>(digits)], &out) || !fits(out)) return std::nullopt;
    return out;
}

// Rounds half away from zero.
Int scaled_down(Int value, int digits) {
    if (digits > Decimal::kMaxDigits) return 0;
    const Int power = kPowers[static_cast<std::size_t>(digits)];
    const Int quotient = value / power;
    const Int rest = magnitude(value % power);
    if (rest >= power - rest) return quotient + (value < 0 ? -1 : 1);
    return quotient;
}

Decimal with_scale(const Decimal& value, int scale) {
    if (scale >= value.scale()) return value.rescaled(scale).value_or(value);
    return {scaled_down(value.unscaled(), value.scale() - scale), scale};
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
    std::size_t at = 0;
    const bool minus = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) at = 1;
    Int unscaled = 0;
    int scale = 0, dropped = 0;
    std::size_t digits = 0;
    bool point = false, rounded = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && !point && digits > 0) {
            point = true;
            digits = 0;
            continue;
        }
        if (c < '0' || c > '9') break;
        digits += 1;
        if (unscaled > (kLargest - 9) / 10) {
            if (!point) dropped += 1;
            if (!rounded && c >= '5') unscaled += 1;
            rounded = true;
            continue;
        }
        unscaled = unscaled * 10 + (c - '0');
        if (point) scale += 1;
    }
    if (digits == 0) return std::nullopt;
    if (at < text.size()) {
        if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
        at += 1;
        if (at < text.size() && text[at] == '+') at += 1;
        int exponent = 0;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        if (error != std::errc() || end != text.data() + text.size() || std::abs(exponent) > 10'000) return std::nullopt;
        scale -= exponent;
    }
    if (dropped > 0) return std::nullopt;
    if (minus) unscaled = -unscaled;
    if (scale < 0) {
        const auto up = scaled_up(unscaled, -scale);
        if (!up) return std::nullopt;
        return Decimal(*up, 0);
    }
    if (scale >= kMaxDigits) return Decimal(scaled_down(unscaled, scale - (kMaxDigits - 1)), kMaxDigits - 1);
    return Decimal(unscaled, scale);
}

std::optional<Decimal> Decimal::from_double(long double value) {
    if (!std::isfinite(value) || std::fabs(value) > 1e37L) return std::nullopt;
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%.15Le", value);
    const auto parsed = parse(std::string_view(text.data(), static_cast<std::size_t>(length)));
    if (!parsed) return std::nullopt;
    return parsed->normalized();
}

bool Decimal::whole() const {
    return scale_ == 0 || unscaled_ % kPowers[static_cast<std::size_t>(scale_)] == 0;
}

std::optional<std::int64_t> Decimal::to_int64() const {
    if (!whole()) return std::nullopt;
    const Int value = unscaled_ / kPowers[static_cast<std::size_t>(scale_)];
    if (value > INT64_MAX || value < INT64_MIN) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

long double Decimal::to_double() const {
    return static_cast<long double>(unscaled_) / static_cast<long double>(kPowers[static_cast<std::size_t>(scale_)]);
}

std::string Decimal::to_string() const {
    std::string out;
    Int rest = magnitude(unscaled_);
    do {
        out += static_cast<char>('0' + static_cast<int>(rest % 10));
        rest /= 10;
        if (static_cast<int>(out.size()) == scale_) out += '.';
    } while (rest != 0 || static_cast<int>(out.size()) < scale_ + (scale_ > 0 ? 2 : 1));
    if (unscaled_ < 0) out += '-';
    std::reverse(out.begin(), out.end());
    return out;
}

Decimal Decimal::normalized() const {
    Decimal out = *this;
    while (out.scale_ > 0 && out.unscaled_ % 10 == 0) {
        out.unscaled_ /= 10;
        out.scale_ -= 1;
    }
    return out;
}

int Decimal::digits() const {
    int count = 1;
    for (Int rest = magnitude(unscaled_); rest >= 10; rest /= 10) count += 1;
    return count;
}

int Decimal::compare(const Decimal& other) const {
    if (scale_ == other.scale_) return unscaled_ < other.unscaled_ ? -1 : unscaled_ > other.unscaled_ ? 1 : 0;
    // Whole parts first, so that bringing the fractions to one scale cannot overflow.
    const Int own_power = kPowers[static_cast<std::size_t>(scale_)], their_power = kPowers[static_cast<std::size_t>(other.scale_)];
    const Int own_whole = unscaled_ / own_power, their_whole = other.unscaled_ / their_power;
    if (own_whole != their_whole) return own_whole < their_whole ? -1 : 1;
    Int own = unscaled_ % own_power, theirs = other.unscaled_ % their_power;
    if (scale_ < other.scale_)
        own *= kPowers[static_cast<std::size_t>(other.scale_ - scale_)];
    else
        theirs *= kPowers[static_cast<std::size_t>(scale_ - other.scale_)];
    return own < theirs ? -1 : own > theirs ? 1 : 0;
}

Decimal Decimal::rounded(int scale) const {
    return scale >= scale_ ? *this : with_scale(*this, std::max(scale, 0));
}

Decimal Decimal::truncated() const {
    return {unscaled_ / kPowers[static_cast<std::size_t>(scale_)], 0};
}

Decimal Decimal::floor() const {
    const auto cut = truncated();
    return negative() && !whole() ? Decimal(cut.unscaled_ - 1, 0) : cut;
}

Decimal Decimal::ceiling() const {
    const auto cut = truncated();
    return !negative() && !whole() ? Decimal(cut.unscaled_ + 1, 0) : cut;
}

std::optional<Decimal> Decimal::rescaled(int scale) const {
    if (scale < scale_ || scale >= kMaxDigits) return std::nullopt;
    const auto up = scaled_up(unscaled_, scale - scale_);
    if (!up) return std::nullopt;
    return Decimal(*up, scale);
}

std::optional<Decimal> add(const Decimal& a, const Decimal& b) {
    for (int scale = std::max(a.scale(), b.scale()); scale >= 0; --scale) {
        const auto left = with_scale(a, scale), right = with_scale(b, scale);
        if (left.scale() != scale || right.scale() != scale) continue;
        const Int sum = left.unscaled() + right.unscaled();  // each below 10^38, so no overflow in 127 bits
        if (fits(sum)) return Decimal(sum, scale);
    }
    return std::nullopt;
}

std::optional<Decimal> subtract(const Decimal& a, const Decimal& b) {
    return add(a, -b);
}

namespace {

// Up to 256 bits without a sign: what a product takes before digits behind the point are given up.
struct Wide {
    __extension__ using Double = unsigned __int128;
    std::array<std::uint64_t, 4> limbs{};  // the lowest first

    static Wide product(Int a, Int b) {
        const std::array<std::uint64_t, 2> x{static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(a >> 64)};
        const std::array<std::uint64_t, 2> y{static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(b >> 64)};
        Wide out;
        for (std::size_t i = 0; i < 2; ++i) {
            std::uint64_t carry = 0;
            for (std::size_t j = 0; j < 2; ++j) {
                const Double sum = static_cast<Double>(x[i]) * y[j] + out.limbs[i + j] + carry;
                out.limbs[i + j] = static_cast<std::uint64_t>(sum);
                carry = static_cast<std::uint64_t>(sum >> 64);
            }
            out.limbs[i + 2] += carry;
        }
        return out;
    }
    // Gives the digit that falls off.
    int divide_by_ten() {
        std::uint64_t rest = 0;
        for (std::size_t i = limbs.size(); i-- > 0;) {
            const Double value = (static_cast<Double>(rest) << 64) + limbs[i];
            limbs[i] = static_cast<std::uint64_t>(value / 10);
            rest = static_cast<std::uint64_t>(value % 10);
        }
        return static_cast<int>(rest);
    }
    bool too_large() const { return limbs[2] != 0 || limbs[3] != 0 || limbs[1] >> 63 != 0 || low() > kLargest; }
    Int low() const { return static_cast<Int>((static_cast<Double>(limbs[1]) << 64) + limbs[0]); }
};

}  // namespace

std::optional<Decimal> multiply(const Decimal& a, const Decimal& b) {
    auto product = Wide::product(magnitude(a.unscaled()), magnitude(b.unscaled()));
    int scale = a.scale() + b.scale(), digit = 0;
    for (; product.too_large() || scale >= Decimal::kMaxDigits; --scale) {
        if (scale == 0) return std::nullopt;
        digit = product.divide_by_ten();
    }
    Int unscaled = product.low() + (digit >= 5 ? 1 : 0);
    if (!fits(unscaled)) return std::nullopt;
    return Decimal(a.negative() != b.negative() ? -unscaled : unscaled, scale);
}

std::optional<Decimal> divide(const Decimal& a, const Decimal& b) {
    if (b.zero()) return std::nullopt;
    // Both to whole numbers by the same power, as far as that fits; else digits behind the point go.
    Decimal dividend = a.normalized(), divisor = b.normalized();
    constexpr int kFraction = 20;
    const int shift = divisor.scale() - dividend.scale();  // quotient = (u/v) * 10^shift
    const Int v = magnitude(divisor.unscaled());
    Int rest = magnitude(dividend.unscaled());
    Int quotient = rest / v;
    rest %= v;
    int scale = 0;
    while ((rest != 0 || scale < shift) && scale - shift < kFraction && quotient <= kLargest / 10 - 1 && v <= kLargest / 10) {
        rest *= 10;
        quotient = quotient * 10 + rest / v;
        rest %= v;
        scale += 1;
    }
    if (rest >= v - rest) quotient += 1;
    if (a.negative() != b.negative()) quotient = -quotient;
    scale -= shift;
    if (scale < 0) {
        const auto up = scaled_up(quotient, -scale);
        if (!up) return std::nullopt;
        return Decimal(*up, 0);
    }
    if (scale >= Decimal::kMaxDigits)
        return Decimal(scaled_down(quotient, scale - (Decimal::kMaxDigits - 1)), Decimal::kMaxDigits - 1).normalized();
    return Decimal(quotient, scale).normalized();
}

std::optional<Decimal> remainder(const Decimal& a, const Decimal& b) {
    if (b.zero()) return std::nullopt;
    const auto quotient = divide(a, b);
    if (!quotient) return std::nullopt;
    const auto product = multiply(b, quotient->truncated());
    if (!product) return std::nullopt;
    auto rest = subtract(a, *product);
    // The quotient is rounded at its 20th digit; when that carried it over a whole number, the rest has the wrong sign.
    if (rest && !rest->zero() && rest->negative() != a.negative()) rest = add(*rest, a.negative() == b.negative() ? b : -b);
    return rest;
}

std::optional<Decimal> power(const Decimal& base, const Decimal& exponent) {
    const auto whole = exponent.to_int64();
    if (whole && *whole >= 0 && *whole <= 1024) {
        std::optional<Decimal> out = Decimal(1);
        for (std::int64_t i = 0; i < *whole && out; ++i) out = multiply(*out, base);
        return out;
    }
    return Decimal::from_double(std::pow(base.to_double(), exponent.to_double()));
}

}  // namespace fhirpath
