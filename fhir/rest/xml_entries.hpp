// A page whose entries have a form in XML, all but some.
#pragma once

#include "storage/base/json.hpp"

namespace rest {

// Of a searchset or history Bundle: an OperationOutcome in the place of each resource that XML cannot hold, which names it and says why. In
// a searchset it is an entry of mode "outcome", in a history the outcome of the entry's response. False when there was none to replace.
bool replace_what_xml_cannot_hold(json::Value& bundle);

}  // namespace rest
