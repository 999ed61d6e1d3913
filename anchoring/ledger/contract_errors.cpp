#include "anchoring/ledger/contract_errors.hpp"

#include "anchoring/ethereum/abi.hpp"

#include <algorithm>
#include <array>

namespace ledger {

std::string_view to_string(SkipReason reason) {
    switch (reason) {
        case SkipReason::bad_period:
            return error::kBadPeriod;
        case SkipReason::deadline_passed:
            return error::kDeadlinePassed;
        case SkipReason::already_active:
            return error::kAlreadyActive;
        case SkipReason::already_revoked:
            return error::kAlreadyRevoked;
        case SkipReason::bad_signature:
            return error::kBadSignature;
    }
    return {};
}

std::string error_name(base::ByteView revert_data) {
    constexpr std::array kNames{error::kBadPeriod,    error::kDeadlinePassed, error::kAlreadyActive, error::kAlreadyRevoked,
                                error::kBadSignature, error::kLengthMismatch, error::kAlreadyOpen,   error::kUnknownLog,
                                error::kNotOwner,     error::kZeroOwner,      error::kNotGrowing,    error::kBadConsistencyProof};
    for (const auto name : kNames) {
        const auto selector = ethereum::selector(std::string(name) + "()");
        if (std::equal(selector.begin(), selector.end(), revert_data.begin(), revert_data.end())) return std::string(name);
    }
    return {};
}

}  // namespace ledger
