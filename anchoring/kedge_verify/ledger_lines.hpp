// The file of --ledger: what the ledger says, one JSON object a line (anchoring/FORMAT.md, section 9).
#pragma once

#include "anchoring/kedge_verify/saved_receipt.hpp"

namespace kedge_verify {

// Adds to the evidence: anchors and consents that the auditor was told, and saved receipts, which are checked. A receipt that does not hold
// becomes a sentence in `doubts`. Error: Kind::invalid when a line is none of these, or there are receipts and no pins.
base::Status read_ledger_lines(std::string_view text, const Pins& pins, Evidence& out, std::vector<std::string>& doubts);

}  // namespace kedge_verify
