// Exact decimals: sums, differences, products and comparisons lose nothing as long as the result has at most 38 digits.
// FHIRPath N1 asks for 28 digits and 8 decimals at least. 1.10 stays 1.10, for precision() and the boundaries count its digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fhirpath {

class Decimal {
  public:
    __extension__ using Int = __int128;
    static constexpr int kMaxDigits = 38;

    constexpr Decimal() = default;
    constexpr explicit Decimal(std::int64_t value) : unscaled_(value) {}
    constexpr Decimal(Int unscaled, int scale) : unscaled_(unscaled), scale_(scale) {}

    // JSON's number grammar, also with a leading + or zeros. Nothing when it is none, or has more than 38 digits before the point;
    // digits behind the point that do not fit are rounded away.
    static std::optional<Decimal> parse(std::string_view text);
    // The nearest with 16 significant digits; nothing for what is not finite or too large.
    static std::optional<Decimal> from_double(long double value);

    Int unscaled() const { return unscaled_; }
    int scale() const { return scale_; }  // digits behind the point
    bool negative() const { return unscaled_ < 0; }
    bool zero() const { return unscaled_ == 0; }
    bool whole() const;
    std::optional<std::int64_t> to_int64() const;  // when it is whole and fits
    long double to_double() const;
    std::string to_string() const;  // plain notation, with the scale
    Decimal normalized() const;     // without zeros at the end
    int digits() const;             // significant digits as written: 1.58700 has 6, 0.001 has 1... of the unscaled number

    Decimal operator-() const { return {-unscaled_, scale_}; }
    int compare(const Decimal& other) const;
    bool operator==(const Decimal& other) const { return compare(other) == 0; }

    // Half away from zero, to a scale of at least 0 and at most 37.
    Decimal rounded(int scale) const;
    Decimal floor() const;
    Decimal ceiling() const;
    Decimal truncated() const;
    // The same number with more zeros behind; nothing when it does not fit.
    std::optional<Decimal> rescaled(int scale) const;

  private:
    Int unscaled_ = 0;
    int scale_ = 0;
};

// Nothing when the result does not fit; products and sums give up digits behind the point first.
std::optional<Decimal> add(const Decimal& a, const Decimal& b);
std::optional<Decimal> subtract(const Decimal& a, const Decimal& b);
std::optional<Decimal> multiply(const Decimal& a, const Decimal& b);
// To 20 digits behind the point when it does not end earlier; nothing for a divisor of zero.
std::optional<Decimal> divide(const Decimal& a, const Decimal& b);
// a - b * truncate(a / b); nothing for a divisor of zero.
std::optional<Decimal> remainder(const Decimal& a, const Decimal& b);
std::optional<Decimal> power(const Decimal& base, const Decimal& exponent);

}  // namespace fhirpath
