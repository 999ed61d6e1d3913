#include "anchoring/kedge_verify/report.hpp"

#include "storage/base/clock.hpp"

namespace kedge_verify {

std::string line_text(const Line& line) {
    std::string out = line.verdict.proven ? std::string(proof::to_string(line.verdict.tier)) : "DOUBT";
    out.resize(9, ' ');
    out += line.id.empty() ? line.where : "AuditEvent/" + line.id;
    if (line.verdict.entry) out += " of " + base::format_instant(line.verdict.entry->time_us);
    return out + ": " + line.verdict.sentence + "\n";
}

std::string line_json(const Line& line) {
    json::Object out;
    out.set("where", line.where);
    if (!line.id.empty()) out.set("id", line.id);
    out.set("proven", line.verdict.proven);
    out.set("tier", proof::to_string(line.verdict.tier));
    if (line.verdict.erased) out.set("erased", true);
    if (line.verdict.entry) {
        out.set("seq", json::Number{std::to_string(line.verdict.entry->seq)});
        out.set("time", base::format_instant(line.verdict.entry->time_us));
        out.set("treeSize", json::Number{std::to_string(line.verdict.tree_size)});
    }
    out.set("sentence", line.verdict.sentence);
    return json::write(out) + "\n";
}

std::string sum_text(const Sum& sum) {
    std::string out;
    for (const auto& doubt : sum.doubts) out += "DOUBT    " + doubt + "\n";
    out += std::to_string(sum.proven) + " of " + std::to_string(sum.events) + " events proven";
    if (sum.erased > 0) out += ", " + std::to_string(sum.erased) + " of them erased";
    return out + (sum.good()        ? ": nothing is in doubt\n"
                  : sum.events == 0 ? ": there was nothing to check\n"
                                    : ": see above for what is in doubt\n");
}

std::string sum_json(const Sum& sum) {
    json::Object out;
    json::Array doubts;
    for (const auto& doubt : sum.doubts) doubts.emplace_back(doubt);
    out.set("events", json::Number{std::to_string(sum.events)});
    out.set("proven", json::Number{std::to_string(sum.proven)});
    out.set("erased", json::Number{std::to_string(sum.erased)});
    out.set("good", sum.good());
    out.set("doubts", std::move(doubts));
    return json::write(out) + "\n";
}

}  // namespace kedge_verify
