#include "fhir/server/demo/random.hpp"

#include <cmath>
#include <cstdio>

namespace server::demo {
namespace {

std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15U;

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream) : state_(mixed(mixed(seed + kGolden) + stream * kGolden)) {}

std::uint64_t Random::next() {
    state_ += kGolden;
    return mixed(state_);
}

std::int64_t Random::between(std::int64_t low, std::int64_t high) {
    // The modulo's bias is below 1 in 2^50 for our ranges.
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
}

bool Random::chance(int percent) {
    return between(0, 99) < percent;
}

double Random::around(double mean, double spread) {
    double sum = 0;
    for (int i = 0; i < 4; ++i) sum += static_cast<double>(next() >> 11) / 9007199254740992.0 - 0.5;
    return mean + spread * sum * std::sqrt(3.0);
}

std::string Random::uuid() {
    const auto high = (next() & 0xffffffffffff0fffU) | 0x4000U;
    const auto low = (next() & 0x3fffffffffffffffU) | 0x8000000000000000U;
    char text[40];
    std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                  static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xffff), static_cast<unsigned>(low >> 48),
                  static_cast<unsigned long long>(low & 0xffffffffffffU));
    return text;
}

}  // namespace server::demo
