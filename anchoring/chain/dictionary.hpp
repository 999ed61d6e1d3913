// The phrases of AuditEvents: raw text that looks like what is logged. Packing::audit_event_1 names it; it never changes, a better
// one becomes audit_event_2.
#pragma once

#include "storage/crypto/compress.hpp"

namespace chain {

const crypto::Phrases& audit_event_phrases();

}  // namespace chain
