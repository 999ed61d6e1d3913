// Puts the two contracts on an EVM chain, and tells whether the code at an address is theirs. The bytecode is that of
// anchoring/contract/*.json, built into the program.
#pragma once

#include "anchoring/ethereum/rpc_client.hpp"
#include "anchoring/ethereum/signer.hpp"
#include "anchoring/ledger/ledger.hpp"

namespace ledger {

struct DeployOptions {
    std::uint64_t chain_id = 0;
    int timeout_ms = 180'000;  // for both to be mined
    int poll_ms = 500;
};

struct Deployment {
    Contracts contracts;
    Receipt consent_ledger, audit_anchor;
};

// Two transactions, signed by `deployer`, who needs some 1.4 million gas in all and has no power over the contracts afterwards; then
// waits until both are mined, and checks their code. Nobody else may send with this key meanwhile: use it before the outbox does, or
// another one. Errors: Kind::unavailable when the node does not answer, takes no transaction (no funds: the text says so) or mines none
// in time (the text names the transactions: look for them before you deploy again); Kind::corrupt on another chain, or when what was
// deployed is not what was sent; Kind::unprocessable when a transaction failed in its block.
base::Result<Deployment> deploy(ethereum::RpcClient& client, const ethereum::Signer& deployer, const DeployOptions& options);

// Whether both addresses hold exactly the committed contracts, built for this chain and address. Errors: Kind::invalid when there is no
// code or other code, or the addresses are one; Kind::unavailable when the node does not answer.
base::Status check_contracts(ethereum::RpcClient& client, std::uint64_t chain_id, const Contracts& contracts);

// Pure parts, for check_contracts and tests. `code`: what eth_getCode gives. A contract's immutable words (its EIP-712 domain) are
// filled in when it is created, so each must be one that this chain and address give; all other bytes are the committed ones.
bool is_consent_ledger(base::ByteView code, std::uint64_t chain_id, const Address& address);
bool is_audit_anchor(base::ByteView code);
base::ByteView consent_ledger_bytecode();  // what creates it
base::ByteView audit_anchor_bytecode();

}  // namespace ledger
