// Several waiting calls as one transaction: which calls one applyBatch can carry together, and what it did with each. Pure.
#pragma once

#include "anchoring/outbox/table.hpp"

#include <string>
#include <vector>

namespace outbox {

// Rows that go as one transaction, in their order; a single one goes as it is.
struct Group {
    std::vector<std::size_t> rows;  // indices
    base::Bytes data;               // of the joint call; empty for a single row
    std::uint64_t gas_limit = 0;
};

// Every index of `rows` stands in exactly one group, and groups are in the order of their first rows. Joined are grants, revocations and
// both together, at most `most` rows in a group, as far as gas and size of one transaction go. A request, an anchor, and what was to go
// alone stay single. A revocation never stands in one group with the grant that it revokes: the contract takes revocations first, and the
// grant would be refused, so that the ledger never showed it.
std::vector<Group> joined(const std::vector<FullRow>& rows, const Address& consent_ledger, std::size_t most);

// Why the contract skipped a grant or revocation of this row in a transaction that succeeded: the error's name, or empty when it did all.
// A grant that was active already is done, not refused: its consent id is random and was signed for once.
std::string skipped(const FullRow& row, const Address& consent_ledger, const std::vector<ledger::Log>& logs);

// Whether the contracts say something of this row's call whenever it succeeds: all do but revocations of what is revoked already.
bool must_tell(const FullRow& row, const Address& consent_ledger);

}  // namespace outbox
