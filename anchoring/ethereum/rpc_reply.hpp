// JSON-RPC 2.0 as text: the question and the reading of an answer, without a network.
#pragma once

#include "anchoring/ethereum/rpc_client.hpp"

namespace ethereum {

std::string rpc_question(std::uint64_t id, std::string_view method, const json::Array& params);
// Error: Kind::corrupt when it is not one whole answer to the question with this id.
base::Result<RpcReply> read_rpc_reply(std::string_view text, std::uint64_t id, std::size_t max_bytes);
// Whether a provider only says that it was asked too often: to be treated like HTTP 429.
bool means_later(const RpcError& error);
// The revert data in an error, wherever the node puts it; nothing when there is none.
std::optional<base::Bytes> revert_data(const RpcError& error);

}  // namespace ethereum
