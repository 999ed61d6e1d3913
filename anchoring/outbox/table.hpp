// The outbox's rows in records.db. No decisions here: SQL and its columns.
#pragma once

#include "anchoring/outbox/outbox.hpp"
#include "storage/store/database.hpp"

namespace outbox {

// What was done with a queued row. DO NOT CHANGE: stored
enum class Handling : std::uint8_t {
    fresh = 0,   // never given to the ledger, and it is written down before it is: it may still be joined with others
    handed = 1,  // the ledger may have it, whatever the state says
    alone = 2,   // fresh, and a transaction that carried it with others failed: it goes alone
};

struct FullRow : Row {
    std::uint64_t carrier = 0;  // the row whose transaction carries this call; 0: its own
    Handling handling = Handling::fresh;
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

// The kind of a row that stands for no call of its own: its transaction carries those of other rows.
inline constexpr std::string_view kBatchKind = "batch";

base::Status make_table(store::Database& database);
base::Result<std::uint64_t> insert(store::Database& database, const Account& account, const FullRow& row);
base::Status update(store::Database& database, const FullRow& row);
// The account's rows that have a transaction and are not final or refused, in the order of their nonces; at most `limit`.
base::Result<std::vector<FullRow>> open_rows(store::Database& database, const Account& account, std::size_t limit);
base::Result<std::optional<FullRow>> find(store::Database& database, std::uint64_t id);
// The rows that another one's transaction carries, in the order they were enqueued.
base::Result<std::vector<FullRow>> carried_rows(store::Database& database, std::uint64_t carrier);
// Calls queued or sent, counted up to `most`.
base::Result<std::size_t> count_waiting(store::Database& database, std::size_t most);
// The account's calls that are neither final nor refused.
base::Result<std::size_t> count_open(store::Database& database, const Account& account);
// One above the account's highest nonce; nothing when it has none.
base::Result<std::optional<std::uint64_t>> next_nonce(store::Database& database, const Account& account);
// Takes the nonces from `from` on away from rows that are final or refused: the ledger they were mined in is gone.
base::Status release_nonces(store::Database& database, const Account& account, std::uint64_t from);
// Open rows of other accounts become refused. Gives how many.
base::Result<std::int64_t> refuse_strangers(store::Database& database, const Account& account, std::string_view reason);

}  // namespace outbox
