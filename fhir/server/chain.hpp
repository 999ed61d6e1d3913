// What an EVM node needs besides its URL: the file that names chain and contracts, the header lines, the relayer's key.
#pragma once

#include "anchoring/ethereum/rpc_client.hpp"
#include "anchoring/ethereum/signer.hpp"
#include "anchoring/ledger/ledger.hpp"
#include "fhir/server/config.hpp"

#include <optional>
#include <string>

namespace server {

// contracts.json: what `kedge contracts deploy` found or made, and what `kedge serve --ledger URL` goes by.
struct ChainFile {
    std::uint64_t chain_id = 0;
    ledger::Contracts contracts;
    std::uint64_t block = 0;  // of the earlier of the two deployments: nothing of ours stands below it
    bool operator==(const ChainFile&) const = default;
};

std::string chain_file(const Config& config);  // config.chain.contracts, or contracts.json in the data directory
// Errors: Kind::not_found when it is not there, saying what to run; Kind::invalid when it does not read.
base::Result<ChainFile> read_chain_file(const std::string& path);
// Error: Kind::conflict when the file is there and says something else.
base::Status write_chain_file(const std::string& path, const ChainFile& file);

// `urls`: one or several, separated by spaces. Errors: Kind::invalid for a line of the header file that is no header,
// Kind::not_found for files that are not there.
base::Result<ethereum::RpcOptions> rpc_options(const Config& config, const std::string& urls);

// Of the file that passphrase_file names, or of the environment. Errors: Kind::not_found, Kind::invalid when there is neither.
base::Result<std::string> keyfile_passphrase(const Config::Chain& chain);

// The relayer's key: from the key file when one is configured, else derived from the data directory's own keys (`derived`).
// Errors: Kind::not_found for files that are not there, Kind::unauthenticated for a wrong passphrase, those of keystore::open.
base::Result<ethereum::Signer> relayer_signer(const Config::Chain& chain, base::ByteView derived);

}  // namespace server
