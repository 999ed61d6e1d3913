// The outbox's rows in records.db. No decisions here: SQL and its columns.
#pragma once

#include "anchoring/outbox/outbox.hpp"
#include "storage/store/database.hpp"

namespace outbox {

struct FullRow : Row {
    Address to;
    base::Bytes data, raw;
    std::uint64_t gas_limit = 0;
    ledger::Fees fees;
    std::vector<Hash> earlier;  // hashes of the same nonce with lower fees: one of them may be mined instead
    base::TimeUs sent_us = 0;
    std::uint32_t attempts = 0;  // times it was signed anew with another nonce
};

// Whose rows: another relayer's or another ledger's nonces are not ours to count. Embedded ledgers share a chain id and differ in
// their contracts' addresses.
struct Account {
    Address sender;
    std::uint64_t chain_id = 0;
    Address consent_ledger;
};

base::Status make_table(store::Database& database);
base::Result<std::uint64_t> insert(store::Database& database, const Account& account, const FullRow& row);
base::Status update(store::Database& database, const FullRow& row);
// The account's rows that are not final or refused, in the order of their nonces; at most `limit`.
base::Result<std::vector<FullRow>> open_rows(store::Database& database, const Account& account, std::size_t limit);
base::Result<std::optional<FullRow>> find(store::Database& database, std::uint64_t id);
// Rows queued or sent, counted up to `most`.
base::Result<std::size_t> count_waiting(store::Database& database, std::size_t most);
// The account's rows that are neither final nor refused.
base::Result<std::size_t> count_open(store::Database& database, const Account& account);
// One above the account's highest nonce; nothing when it has none.
base::Result<std::optional<std::uint64_t>> next_nonce(store::Database& database, const Account& account);
// Takes the nonces from `from` on away from rows that are final or refused: the ledger they were mined in is gone.
base::Status release_nonces(store::Database& database, const Account& account, std::uint64_t from);
// Open rows of other accounts become refused. Gives how many.
base::Result<std::int64_t> refuse_strangers(store::Database& database, const Account& account, std::string_view reason);

}  // namespace outbox
