// One request of `kedge load`: a bundle or a resource, and how it is to be sent.
#pragma once

#include "fhir/server/load_plan.hpp"
#include "storage/base/error.hpp"

#include <cstdint>
#include <fstream>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace server {

struct LoadUnit {
    std::string file;
    std::uint64_t line = 0;   // of NDJSON, from 1; 0: the whole file
    std::uint64_t bytes = 0;  // of the input that it stands for, for the progress bar
    std::string body;
};

// The units of some files in order. NDJSON is read line by line, so memory stays at one line however long the file is.
// Not thread-safe: workers take turns under a lock.
class LoadReader {
  public:
    explicit LoadReader(std::vector<LoadFile> files, std::istream& standard_input);
    // False at the end. A file that cannot be read is an Error (Kind::not_found), a line or file beyond 1 GiB too
    // (Kind::too_large); then call again for what follows it.
    base::Result<bool> next(LoadUnit& unit);

  private:
    base::Result<bool> next_line(LoadUnit& unit);
    base::Result<bool> whole_file(const LoadFile& file, LoadUnit& unit);

    std::vector<LoadFile> files_;
    std::size_t at_ = 0;
    std::istream& standard_input_;
    std::ifstream open_;
    std::istream* lines_ = nullptr;  // the NDJSON file in hand
    std::uint64_t line_ = 0;
};

// How a unit is sent.
struct LoadRequest {
    std::string method;       // POST or PUT
    std::string path;         // below the endpoint: "" for a transaction or batch, "/Patient", "/Patient/1"
    std::size_t entries = 1;  // resources in it
    bool is_batch = false;    // the answer has one outcome for each entry
    // Sending it twice leaves the same state: PUT, and bundles of PUT, DELETE, GET and conditional creates alone.
    bool repeatable = false;
};

// Error: Kind::invalid when the body is no JSON object with a resourceType.
base::Result<LoadRequest> request_of(std::string_view body);

}  // namespace server
