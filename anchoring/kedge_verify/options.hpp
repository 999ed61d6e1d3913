// The command line of kedge-verify. Read by hand: it is small, and CLI11 is not in this room.
#pragma once

#include "storage/base/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kedge_verify {

struct Options {
    std::string key;      // a verifier key, or a file that holds one
    std::string anchors;  // a file of anchor records; empty: none
    bool json = false;
    bool help = false;
    std::vector<std::string> files;
};

extern const char* const kUsage;

// Error: Kind::invalid with a sentence for stderr.
base::Result<Options> parse_options(const std::vector<std::string>& arguments);

}  // namespace kedge_verify
