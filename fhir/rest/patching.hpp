// What PATCH and the PATCH entries of a Bundle share: the patch as it came, and the edit it makes inside a unit of work.
#pragma once

#include "fhir/patch/patch.hpp"
#include "fhir/rest/writing.hpp"

#include <functional>

namespace rest {

// The limits of patches in this server: a patch document is read as any other body.
patch::Limits patch_limits(const Services& services);

// The media type of a PATCH body, with its charset and fhirVersion. Error: Kind::unsupported_media, naming those that are taken.
base::Result<const patch::MediaType*> patch_media_type(std::string_view content_type);

// A PATCH entry's resource: a Parameters resource (FHIRPath Patch; all that R4 asks for), or a Binary whose contentType and data are those
// of a PATCH request. Errors: Kind::invalid, and patch_media_type's.
base::Result<patch::Patch> patch_of_entry(const json::Value& resource, const patch::Limits& limits);

// The edit for Change: applies the patch to the version that is current inside the unit of work, `finish` then changes what is new in it
// (a transaction's links), and what comes out must stand as an update's resource must: the same type and id, R4's JSON rules, validation.
// Whatever of this fails is Kind::unprocessable, and all issues are kept in the attempt. The attempt must outlive the edit.
using Finish = std::function<base::Status(json::Value&)>;
Change::Edit edit_with(Attempt& attempt, const Services& services, patch::Patch patch, Finish finish = {});

// R4 http.html#patch: "The server SHALL ensure that the narrative in a resource is not clinically unsafe after the PATCH". When a patch
// changes data and leaves the narrative as it was, a generated one goes, for it may say what is no longer so; one that a person wrote
// (status additional) refuses the patch with Kind::unprocessable.
base::Status keep_narrative_safe(const json::Value& before, json::Value& after);

}  // namespace rest
