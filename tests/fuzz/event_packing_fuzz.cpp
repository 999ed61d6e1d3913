// What is packed comes back, whatever it is; and any bytes are unpacked or refused, within the limit.
#include "anchoring/chain/event_packing.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kMost = 1u << 20;
    const base::ByteView bytes(data, size);
    base::Bytes packed;
    chain::pack_event(base::as_text(bytes), packed);
    const auto back = chain::unpack_event(packed, size);
    if (!back || *back != base::as_text(bytes)) std::abort();
    const auto text = chain::unpack_event(bytes, kMost);
    if (text && text->size() > kMost) std::abort();
    return 0;
}
