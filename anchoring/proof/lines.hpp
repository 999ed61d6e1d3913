// Files with one thing a line.
#pragma once

#include <algorithm>
#include <string_view>

#include "storage/base/error.hpp"

namespace proof {

// Calls `each` with every line that is not empty, without its line end (LF or CRLF). Its first error ends the walk, with the number of
// the line in front.
template <class Each>
base::Status each_line(std::string_view text, Each each) {
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.empty()) continue;
        if (const base::Status read = each(line); !read)
            return base::fail(read.error().kind, "line " + std::to_string(number) + ": " + read.error().diagnostics);
    }
    return {};
}

}  // namespace proof
