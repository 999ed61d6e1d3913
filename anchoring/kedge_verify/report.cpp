#include "anchoring/kedge_verify/report.hpp"

#include "storage/base/clock.hpp"
#include "storage/base/encoding.hpp"

namespace kedge_verify {
namespace {

json::Value number(std::uint64_t value) {
    return json::Number{std::to_string(value)};
}

json::Array written_json(const std::vector<proof::Written>& written) {
    json::Array out;
    for (const auto& w : written) {
        json::Object one;
        one.set("record", base::to_hex(w.record));
        one.set("version", number(w.version));
        one.set("order", number(w.seq));
        if (w.deleted) {
            one.set("deleted", true);
        } else {
            one.set("ciphertextHash", base::to_hex(w.ciphertext_hash));
        }
        out.emplace_back(std::move(one));
    }
    return out;
}

json::Array texts(const std::vector<std::string>& all) {
    json::Array out;
    for (const auto& one : all) out.emplace_back(one);
    return out;
}

}  // namespace

std::string line_text(const Line& line) {
    std::string out = line.verdict.proven ? std::string(proof::to_string(line.verdict.tier)) : "DOUBT";
    out.resize(9, ' ');
    out += line.id.empty() ? line.where : line.of == Line::Of::event ? "AuditEvent/" + line.id : line.id;
    if (line.verdict.entry) out += " of " + base::format_instant(line.verdict.entry->time_us);
    return out + ": " + line.verdict.sentence + "\n";
}

std::string line_json(const Line& line) {
    json::Object out;
    out.set("where", line.where);
    out.set("what", to_string(line.of));
    if (!line.id.empty()) out.set("id", line.id);
    out.set("proven", line.verdict.proven);
    out.set("tier", proof::to_string(line.verdict.tier));
    if (line.verdict.erased) out.set("erased", true);
    if (line.verdict.entry) {
        out.set("seq", number(line.verdict.entry->seq));
        out.set("time", base::format_instant(line.verdict.entry->time_us));
        out.set("treeSize", number(line.verdict.tree_size));
    }
    if (!line.written.empty()) out.set("written", written_json(line.written));
    out.set("sentence", line.verdict.sentence);
    return json::write(out) + "\n";
}

std::string sum_text(const Sum& sum) {
    std::string out;
    for (const auto& doubt : sum.doubts) out += "DOUBT    " + doubt + "\n";
    for (const auto& one : sum.trusted) out += "TRUSTED  " + one + "\n";
    if (sum.events > 0 || sum.others == 0) out += std::to_string(sum.proven) + " of " + std::to_string(sum.events) + " events proven";
    if (sum.erased > 0) out += ", " + std::to_string(sum.erased) + " of them erased";
    if (sum.others > 0) {
        out += (sum.events > 0 ? ", " : "") + std::to_string(sum.others_proven) + " of " + std::to_string(sum.others) +
               " other statements proven";
    }
    return out + (sum.good()                     ? ": nothing is in doubt\n"
                  : sum.events + sum.others == 0 ? ": there was nothing to check\n"
                                                 : ": see above for what is in doubt\n");
}

std::string sum_json(const Sum& sum) {
    json::Object out;
    out.set("events", number(sum.events));
    out.set("proven", number(sum.proven));
    out.set("erased", number(sum.erased));
    out.set("others", number(sum.others));
    out.set("othersProven", number(sum.others_proven));
    out.set("good", sum.good());
    out.set("doubts", texts(sum.doubts));
    out.set("trusted", texts(sum.trusted));
    return json::write(out) + "\n";
}

}  // namespace kedge_verify
