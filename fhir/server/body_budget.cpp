#include "fhir/server/body_budget.hpp"

namespace server {

bool BodyBudget::take(std::size_t bytes) {
    auto used = used_.load(std::memory_order_relaxed);
    do {
        if (bytes > limit_ || used > limit_ - bytes) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
}

}  // namespace server
