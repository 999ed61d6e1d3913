// Blocks, transactions and receipts as a node tells them in JSON, in the RLP that the chain hashes. What comes out is right or its hash is
// not the block's: nothing here needs to be believed.
#pragma once

#include "storage/base/bytes.hpp"
#include "storage/base/json.hpp"

namespace kedge_verify {

// All errors: Kind::corrupt when a member is missing or no hex; Kind::not_supported for a type of transaction that is not known here.
base::Result<base::Bytes> header_rlp(const json::Value& block);
base::Result<base::Bytes> transaction_bytes(const json::Value& transaction);
base::Result<base::Bytes> receipt_bytes(const json::Value& receipt);

}  // namespace kedge_verify
