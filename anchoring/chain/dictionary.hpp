// The dictionary of Packing::audit_event_1, in which early logs hold their events: raw text that looks like what was logged.
#pragma once

#include <string_view>

namespace chain {

std::string_view audit_event_dictionary();

}  // namespace chain
