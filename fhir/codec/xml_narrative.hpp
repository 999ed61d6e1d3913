// The div of a narrative while it is read: kept as it was written wherever that text can stand alone. Inside codec only.
#pragma once

#include "storage/base/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace codec {

// One start tag, in UTF-8.
struct XmlTag {
    struct Attribute {
        std::string space, name, qualified, value;
    };
    std::string space, name, qualified;                             // namespace, local name, name as written
    std::vector<Attribute> attributes;                              // without namespace declarations
    std::vector<std::pair<std::string, std::string>> declarations;  // prefix (empty: the default) and namespace
    std::size_t source_begin = 0;                                   // where the tag begins in the document, in bytes
    bool declares_default = false;                                  // has an xmlns attribute of its own
};

class Narrative {
  public:
    // Errors: Kind::invalid when an element or attribute is not XHTML's.
    base::Status start(const XmlTag& tag);
    void text(std::string_view text);
    // True when that was the end of the div itself.
    bool end(std::string_view local_name);
    // Both once the div has ended. `source` is the whole document, source_end the place after the div's end tag.
    std::string take(std::string_view source, std::size_t source_end);

  private:
    bool alone_ = true;  // the source text needs nothing from around it
    bool open_ = false;  // a start tag waits for '>' or '/>'
    std::size_t depth_ = 0;
    std::size_t source_begin_ = 0;
    std::string rewritten_;
};

}  // namespace codec
