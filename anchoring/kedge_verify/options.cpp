#include "anchoring/kedge_verify/options.hpp"

namespace kedge_verify {

const char* const kUsage =
    "kedge-verify [--key VKEY|FILE] [--anchors FILE] [--json] FILE...\n"
    "\n"
    "Checks AuditEvents against the proofs that a kedge server gave with them, without that server.\n"
    "\n"
    "  FILE            a Bundle of AuditEvents with their proofs, or a proof (c2sp.org/tlog-proof@v1) with its event inside,\n"
    "                  or a proof followed by the AuditEvent (JSON) that it belongs to\n"
    "  --key           the log's verifier key (name+id+base64), or a file that holds it; ask the operator for it by another\n"
    "                  way than the data. Without it only what the anchors cover is proven\n"
    "  --anchors       what the ledger holds: JSON lines from your own node or from somebody you trust\n"
    "                  (chainId, contract, logId, size, root, txHash, blockNumber, blockHash, finality)\n"
    "  --json          one JSON object a line: for each event, then the sum\n"
    "\n"
    "Exit: 0 all proven, 1 any doubt, 2 wrong usage.\n";

base::Result<Options> parse_options(const std::vector<std::string>& arguments) {
    Options out;
    bool flags = true;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& a = arguments[i];
        if (flags && a == "--") {
            flags = false;
        } else if (flags && (a == "--key" || a == "--anchors")) {
            if (i + 1 == arguments.size()) return base::fail(base::Kind::invalid, a + " needs a value");
            (a == "--key" ? out.key : out.anchors) = arguments[++i];
        } else if (flags && a == "--json") {
            out.json = true;
        } else if (flags && (a == "--help" || a == "-h")) {
            out.help = true;
        } else if (flags && a.size() > 1 && a[0] == '-') {
            return base::fail(base::Kind::invalid, "there is no option " + a + "; see --help");
        } else {
            out.files.push_back(a);
        }
    }
    if (!out.help && out.files.empty()) return base::fail(base::Kind::invalid, "no file to check; see --help");
    return out;
}

}  // namespace kedge_verify
