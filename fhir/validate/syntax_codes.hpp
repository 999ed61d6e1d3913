// Codes that R4 does not list but that follow a published grammar or a short standard list.
#pragma once

#include <string_view>

namespace validate {

// Is there a rule here for this value set? Media types (BCP 13, RFC 6838) and currencies (ISO 4217).
bool has_syntax(std::string_view value_set_url);
// False only when there is a rule and the code breaks it.
bool follows_syntax(std::string_view value_set_url, std::string_view code);

}  // namespace validate
