// R4 narrative.html#security: what may stand in a Narrative's div.
#pragma once

#include <string_view>

namespace fhirpath {

// txt-1: well-formed XHTML in one <div>, with the tags and attributes of HTML 4.0 chapters 7 to 11 (but the head), <a> and images,
// and no scripts, forms, event handlers or external style. txt-2: it has text or an image.
bool html_is_allowed(std::string_view xhtml);

}  // namespace fhirpath
