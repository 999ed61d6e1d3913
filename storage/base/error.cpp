#include "storage/base/error.hpp"

#include <cstdio>
#include <cstdlib>

namespace base {

std::string_view to_string(Kind kind) {
    switch (kind) {
        case Kind::invalid: return "invalid";
        case Kind::unauthenticated: return "unauthenticated";
        case Kind::forbidden: return "forbidden";
        case Kind::not_found: return "not-found";
        case Kind::not_allowed: return "not-allowed";
        case Kind::not_acceptable: return "not-acceptable";
        case Kind::conflict: return "conflict";
        case Kind::gone: return "gone";
        case Kind::precondition_failed: return "precondition-failed";
        case Kind::too_large: return "too-large";
        case Kind::unsupported_media: return "unsupported-media";
        case Kind::unprocessable: return "unprocessable";
        case Kind::too_many: return "too-many";
        case Kind::header_too_large: return "header-too-large";
        case Kind::not_supported: return "not-supported";
        case Kind::unavailable: return "unavailable";
        case Kind::corrupt: return "corrupt";
        case Kind::fault: return "fault";
    }
    return "fault";
}

void check_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "kedge: broken contract: %s at %s:%d\n", expression, file, line);
    std::abort();
}

}  // namespace base
