// R4 narrative.html#security: what may stand in a Narrative's div.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace fhirpath {

// Told of each fault: the invariant that it breaks, txt-1 or txt-2, and a sentence for the author.
using TellHtml = std::function<void(std::string_view invariant, const std::string& what)>;

// txt-1: well-formed XHTML in one <div> of XHTML's namespace, with the tags and attributes of HTML 4.0 chapters 7 to 11 (but section 4 of
// 9) and 15, <a> and images, and no scripts, forms, event handlers or external style. txt-2: it has text or an image.
void check_html(std::string_view xhtml, const TellHtml& tell);
// Is there nothing to tell? htmlChecks() asks so.
bool html_is_allowed(std::string_view xhtml);

}  // namespace fhirpath
