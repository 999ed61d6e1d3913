// The table of settings: key, meaning, range, and the field it sets.
#pragma once

#include "fhir/server/config.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace server {

struct Setting {
    using Field = std::variant<std::string*, bool*, int*, std::size_t*>;

    std::string_view key;   // as in the TOML file: section.name
    std::string_view help;  // unit and effect, one line
    Field (*field)(Config&);
    std::int64_t low = 0;  // of numbers
    std::int64_t high = 0;
    std::vector<std::string_view> words{};  // of strings: when not empty, one of these

    std::string flag() const;                                 // --section-name
    std::string default_text() const;                         // as it would be written in a flag
    bool is_flag() const;                                     // a bool: takes no value
    base::Status set(Config&, std::string_view value) const;  // errors as server::set()
};

std::span<const Setting> settings();
const Setting* find_setting(std::string_view key);  // nullptr when unknown

}  // namespace server
