// How an AuditEvent's text is made small before it is sealed (FORMAT.md section 2, packing 2): the words that our own renderer always
// writes become one byte each, what stands between them is kept, a value that comes again becomes one byte too. It takes any text.
#pragma once

#include "storage/base/bytes.hpp"

#include <string>
#include <string_view>

namespace chain {

// Appends the packed form of `text` to `out`.
void pack_event(std::string_view text, base::Bytes& out);

// Error: Kind::corrupt when the bytes are no packed form or would grow past max_bytes.
base::Result<std::string> unpack_event(base::ByteView packed, std::size_t max_bytes);

}  // namespace chain
