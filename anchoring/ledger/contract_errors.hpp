// The custom errors of the two contracts, and why a batch skips an item. The names are the contract's own.
#pragma once

#include "storage/base/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ledger {

namespace error {
inline constexpr std::string_view kBadPeriod = "BadPeriod";
inline constexpr std::string_view kDeadlinePassed = "DeadlinePassed";
inline constexpr std::string_view kAlreadyActive = "AlreadyActive";
inline constexpr std::string_view kAlreadyRevoked = "AlreadyRevoked";
inline constexpr std::string_view kBadSignature = "BadSignature";
inline constexpr std::string_view kLengthMismatch = "LengthMismatch";
inline constexpr std::string_view kAlreadyOpen = "AlreadyOpen";
inline constexpr std::string_view kUnknownLog = "UnknownLog";
inline constexpr std::string_view kNotOwner = "NotOwner";
inline constexpr std::string_view kZeroOwner = "ZeroOwner";
inline constexpr std::string_view kNotGrowing = "NotGrowing";
inline constexpr std::string_view kBadConsistencyProof = "BadConsistencyProof";
}  // namespace error

// The number in the event Skipped.
enum class SkipReason : std::uint8_t { bad_period = 1, deadline_passed = 2, already_active = 3, already_revoked = 4, bad_signature = 5 };

// The error that a single call reverts with for this reason.
std::string_view to_string(SkipReason reason);

// The name in a node's revert data (the selector of "Name()"); empty when it is none of ours.
std::string error_name(base::ByteView revert_data);

}  // namespace ledger
