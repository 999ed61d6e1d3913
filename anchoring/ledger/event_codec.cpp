#include "anchoring/ledger/event_codec.hpp"

#include <iterator>

namespace ledger {

Event make_event(const Address& contract, const Hash& topic, const std::vector<ethereum::AbiValue>& indexed,
                 const std::vector<ethereum::AbiValue>& data) {
    Event out{contract, {topic}, ethereum::abi_encode(data)};
    for (const auto& value : indexed) out.topics.push_back(ethereum::abi_topic(value));
    return out;
}

base::Result<std::vector<ethereum::AbiValue>> read_event(const Event& event, std::string_view indexed_types, std::string_view data_types) {
    base::Writer topics;
    for (std::size_t i = 1; i < event.topics.size(); ++i) topics.raw(event.topics[i]);
    auto out = ethereum::abi_decode(indexed_types, topics.bytes());
    if (!out) return out;
    auto data = ethereum::abi_decode(data_types, event.data);
    if (!data) return data;
    std::move(data->begin(), data->end(), std::back_inserter(*out));
    return out;
}

}  // namespace ledger
