// Events to and from their log form: topic 0 is the signature's hash, then one topic for each indexed parameter, the rest in data.
#pragma once

#include "anchoring/ethereum/abi.hpp"
#include "anchoring/ledger/ledger.hpp"

namespace ledger {

// `indexed` holds static values only.
Event make_event(const Address& contract, const Hash& topic, const std::vector<ethereum::AbiValue>& indexed,
                 const std::vector<ethereum::AbiValue>& data);

// The indexed parameters, then those in data; types as abi_decode takes them. Error: Kind::invalid when the log does not fit.
base::Result<std::vector<ethereum::AbiValue>> read_event(const Event& event, std::string_view indexed_types, std::string_view data_types);

}  // namespace ledger
