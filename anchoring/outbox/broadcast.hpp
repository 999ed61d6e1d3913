// One pass over the open rows: asks the ledger, and says what is to change. No database: so that each answer of a ledger can be tested.
#pragma once

#include "anchoring/outbox/table.hpp"

#include <map>

namespace outbox {

struct Timing {
    base::TimeUs now = 0;
    std::int64_t resend_after_us = 0, bump_after_us = 0;
    std::uint64_t most_fee_per_gas = UINT64_MAX;
    // Rows are given to the ledger only after that was written down (Handling), and not while so many wait for a block: what comes
    // meanwhile goes together. 0: as they are.
    std::size_t most_under_way = 0;
};

// Nodes take a replacement only when both fees rise by a tenth; an eighth leaves no doubt about rounding.
constexpr std::uint64_t raised(std::uint64_t fee) {
    const std::uint64_t by = fee / 8 + 1;
    return fee > UINT64_MAX - by ? UINT64_MAX : fee + by;
}

// When rows were given to the ledger last, by id: of this process alone, so that a row's sent_us can say since when it waits with its
// present fees, and giving it again does not put off offering more.
using Resent = std::map<std::uint64_t, base::TimeUs>;

// What one pass found. The rows carry their new values.
struct Found {
    std::vector<FullRow> changed;
    // The ledger's next nonce is another than the rows assume: open rows are to be numbered anew from this one, but for those that a
    // block has and those in `kept`, which the ledger holds in the right order.
    std::optional<std::uint64_t> renumber_from;
    std::vector<std::uint64_t> kept;  // ids
    bool renumber_is_ours = false;    // a refused row's place is taken by those behind it: nobody else used a nonce
    // Fresh rows wait, and the ledger takes them: write down that it gets them, joined where they can be, and ask again.
    bool prepare = false;
    std::map<std::uint64_t, std::vector<ledger::Log>> logs;  // what joint transactions did that a block has, by row id
    // A row to offer more for: the same nonce, higher fees.
    std::vector<FullRow> to_bump;
    // What the ledger says of one transaction cannot be believed, or did not come. The others are not held up by it.
    std::optional<base::Error> doubt;
    // The pass ended early: the ledger did not answer, or is not well. The rest waits for the next pass.
    std::optional<base::Error> stopped;
    bool empty() const { return changed.empty() && !renumber_from && to_bump.empty() && !prepare; }
};

// The most transactions handed over in one pass; the next pass takes the rest.
inline constexpr std::size_t kMostAtOnce = 200;

// `rows`: all open rows in nonce order. Nothing goes past a closed gate: then what the ledger may have is followed, and no more.
Found ask(ledger::Ledger& ledger, const Address& sender, std::vector<FullRow> rows, const Timing& timing, Resent& resent, Gate& gate);

}  // namespace outbox
