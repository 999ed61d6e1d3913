// The table behind mended_expression(), for its test.
#pragma once

#include <span>
#include <string_view>

namespace validate {

struct Mended {
    std::string_view key;
    std::string_view expression;  // in its place; empty: code stands for it, or nothing can
    std::string_view why;
};
std::span<const Mended> mended_invariants();

}  // namespace validate
