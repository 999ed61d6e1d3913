// Packing before encryption. A dictionary makes small JSON small; its number is part of what is stored, so old data stays readable.
#pragma once

#include <memory>
#include <string_view>

#include "storage/base/bytes.hpp"

namespace crypto {

// zstd, for records. Prepared once, used by any thread.
class Dictionary {
  public:
    // `content` is raw text that looks like the data, or a dictionary trained by zstd; it is copied. Level 1 is the fast one.
    Dictionary(std::string_view content, int level);
    ~Dictionary();
    Dictionary(const Dictionary&) = delete;
    Dictionary& operator=(const Dictionary&) = delete;

    // Error: Kind::fault.
    base::Result<base::Bytes> compress(base::ByteView plain) const;
    // Error: Kind::corrupt when the bytes are no frame of this dictionary or would grow past max_bytes.
    base::Result<std::string> decompress(base::ByteView packed, std::size_t max_bytes) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Reads u32 size and one LZ4 block that was made with this dictionary (at most 64 kB): for what early logs hold, nothing is written so any
// more. Error: Kind::corrupt when the bytes are no whole block or would grow past max_bytes; there is no checksum.
base::Result<std::string> unpack_lz4(base::ByteView packed, std::string_view dictionary, std::size_t max_bytes);

}  // namespace crypto
