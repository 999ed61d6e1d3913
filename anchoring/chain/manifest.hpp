// The list of sealed segments: number, first entry, bytes, SHA-256 of the file, and a MAC over the line. Text, one line each.
#pragma once

#include "anchoring/chain/file.hpp"
#include "storage/crypto/secret.hpp"

#include <map>

namespace chain {

struct SealedSegment {
    std::uint32_t number = 0;
    std::uint64_t first_seq = 0;
    std::uint64_t bytes = 0;
    base::Digest sha256{};
};

class Manifest {
  public:
    // An incomplete last line (a crash) is passed over. Error: Kind::corrupt names the line.
    static base::Result<std::map<std::uint32_t, SealedSegment>> read(const std::string& dir, const crypto::Key& mac_key);
    static base::Status append(const std::string& dir, const crypto::Key& mac_key, const SealedSegment& segment);
    // Hashes the file as it is.
    // `between`, when given, is called between the pieces that are read.
    static base::Result<SealedSegment> measure(const std::string& dir, std::uint32_t number, std::uint64_t first_seq, const std::function<void()>& between = {});
};

}  // namespace chain
