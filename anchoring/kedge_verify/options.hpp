// The command line of kedge-verify. Read by hand: it is small, and CLI11 is not in this room.
#pragma once

#include "anchoring/kedge_verify/saved_receipt.hpp"
#include "storage/base/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kedge_verify {

struct Options {
    std::string key;                  // a verifier key, or a file that holds one
    std::vector<std::string> ledger;  // files of what the ledger says
    std::vector<std::string> rpc;     // URLs of Ethereum nodes
    std::string ca_file;              // PEM of an authority for https nodes
    std::string save;                 // where to write what the node said
    Pins pins;
    std::vector<RecordClaim> records;
    std::optional<base::TimeUs> at;
    unsigned threads = 0;  // 0: as many as there are processors
    bool json = false;
    bool quiet = false;
    bool help = false;
    std::vector<std::string> files;
};

extern const char* const kUsage;

// Error: Kind::invalid with a sentence for stderr.
base::Result<Options> parse_options(const std::vector<std::string>& arguments);

}  // namespace kedge_verify
