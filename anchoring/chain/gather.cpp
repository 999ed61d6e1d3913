#include "anchoring/chain/gather.hpp"

#include <algorithm>

namespace chain {
namespace {

constexpr double kForgets = 1.0 / 64;  // of the distance to what is seen, at each group

}  // namespace

std::size_t Gather::wanted() const {
    const auto half = static_cast<std::size_t>(at_once_ / 2);
    return half < kFewest ? 1 : std::min(half, kMost);
}

void Gather::went(std::size_t callers, std::size_t behind) {
    const auto seen = static_cast<double>(callers + behind);
    at_once_ = seen > at_once_ ? seen : at_once_ - (at_once_ - seen) * kForgets;
}

}  // namespace chain
