// The named characters of XHTML, which a Narrative's div may hold.
#pragma once

#include <string_view>

namespace definitions {

// What "nbsp" of "&nbsp;" stands for: one of XHTML 1.0's 252 names, or XML's own apos. NUL for any other name.
char16_t xhtml_entity(std::string_view name);

}  // namespace definitions
