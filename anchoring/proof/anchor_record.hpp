// What a ledger says about a log: at this block, this root for this size. An auditor takes such records from a node of their own or
// from someone they trust; a record that a proof brings along is only a claim.
#pragma once

#include "anchoring/proof/merkle.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proof {

struct AnchorRecord {
    std::uint64_t chain_id = 0;
    std::array<std::uint8_t, 20> contract{};
    Digest log_id{};
    std::uint64_t size = 0;
    Digest root{};
    Digest tx_hash{};
    std::uint64_t block_number = 0;
    Digest block_hash{};
    bool final = false;  // the block cannot be reorganised away any more, by the configured finality

    bool operator==(const AnchorRecord&) const = default;

    static constexpr std::size_t kBytes = 8 + 20 + 32 + 8 + 32 + 32 + 8 + 32 + 1;
    void encode(base::Writer& out) const;
    static AnchorRecord decode(base::Reader& in);  // check in.ok() afterwards

    // One JSON object: chainId, contract, logId, size, root, txHash, blockNumber, blockHash, finality ("mined" or "final").
    // Hashes and addresses are 0x hex. Unknown members are passed over. Error: Kind::invalid names the member.
    std::string json() const;
    static base::Result<AnchorRecord> parse(std::string_view json);
    // One record a line; empty lines are passed over. Error: Kind::invalid names the line.
    static base::Result<std::vector<AnchorRecord>> parse_lines(std::string_view text);
};

}  // namespace proof
