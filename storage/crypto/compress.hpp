// zstd before encryption. A dictionary makes small JSON small; its id is part of what is stored, so old data stays readable.
#pragma once

#include <memory>
#include <string_view>

#include "storage/base/bytes.hpp"

namespace crypto {

// Prepared once, used by any thread.
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

}  // namespace crypto
