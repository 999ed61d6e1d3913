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

// LZ4, for short texts that are almost the dictionary's own words, packed once for every request: as small as zstd makes them in a third
// of the time. The packed form is u32 size and one LZ4 block. It has no checksum: it is for what is authenticated outside.
// Prepared once, used by any thread.
class Phrases {
  public:
    // `content` is raw text of at most 64 kB, of which the end is the quickest to find; it is copied.
    explicit Phrases(std::string_view content);
    ~Phrases();
    Phrases(const Phrases&) = delete;
    Phrases& operator=(const Phrases&) = delete;

    // Error: Kind::too_large beyond LZ4's limit of 2,113,929,216 bytes.
    base::Result<base::Bytes> compress(base::ByteView plain) const;
    // Error: Kind::corrupt when the bytes are no whole block or would grow past max_bytes. Bytes of other phrases may come out as other text.
    base::Result<std::string> decompress(base::ByteView packed, std::size_t max_bytes) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace crypto
