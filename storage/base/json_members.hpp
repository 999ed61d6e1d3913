// Looking into trees whose shape nobody has checked yet.
#pragma once

#include "storage/base/json.hpp"

namespace json {

// The array member of this name; empty when there is none, or it is no array. Valid as long as the value.
inline const Array& list(const Value& value, std::string_view name) {
    static const Array kNone;
    const auto* member = value.find(name);
    const auto* items = member == nullptr ? nullptr : member->if_array();
    return items == nullptr ? kNone : *items;
}

}  // namespace json
