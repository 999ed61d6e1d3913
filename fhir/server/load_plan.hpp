// Which files `kedge load` sends, and in which order.
#pragma once

#include "storage/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace server {

struct LoadFile {
    std::string path;  // "-" is standard input
    std::uint64_t size = 0;
    bool ndjson = false;  // else one JSON document
};

// The rule: `first` one after another, then, when all of them are acknowledged, `rest` in parallel. Both in the order of
// their file names. To `first` belong names that begin with "0-", "hospitalInformation" or "practitionerInformation"
// (what Synthea writes): the organisations and practitioners that everything else refers to.
struct LoadPlan {
    std::vector<LoadFile> first;
    std::vector<LoadFile> rest;
    std::uint64_t bytes = 0;  // of all files; 0 for standard input
};

bool goes_first(std::string_view file_name);

// Directories are searched with all below them for .json and .ndjson; a file named outright must be one of the two.
// Errors: Kind::not_found for a path that does not exist or a directory without such files, Kind::invalid for a file of
// another kind.
base::Result<LoadPlan> plan_load(const std::vector<std::string>& inputs);

}  // namespace server
