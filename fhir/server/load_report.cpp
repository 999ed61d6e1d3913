#include "fhir/server/load_report.hpp"

#include "storage/base/json.hpp"

#include <cstdlib>

namespace server {
namespace {

constexpr std::size_t kMaxQuoted = 500;

std::string outcome_text(const json::Value& outcome) {
    std::string out;
    const auto* issues = outcome.find("issue");
    if (!issues || !issues->if_array()) return out;
    for (const auto& issue : *issues->if_array()) {
        auto text = std::string(issue.text("diagnostics"));
        if (const auto* details = issue.find("details"); text.empty() && details) text = details->text("text");
        if (text.empty()) text = issue.text("code");
        if (const auto* places = issue.find("expression"); places && places->if_array() && !places->if_array()->empty()) {
            if (const auto* place = places->if_array()->front().if_string()) text += " (" + *place + ")";
        }
        out += (out.empty() ? "" : "; ") + text;
    }
    return out;
}

void add_entries(const LoadUnit& unit, const json::Value& bundle, std::vector<LoadFailure>& out) {
    const auto* entries = bundle.find("entry");
    if (!entries || !entries->if_array()) return;
    for (std::size_t i = 0; i < entries->if_array()->size(); ++i) {
        const auto* response = (*entries->if_array())[i].find("response");
        const int status = response ? std::atoi(std::string(response->text("status")).c_str()) : 0;
        if (status >= 200 && status < 400) continue;
        const auto* outcome = response ? response->find("outcome") : nullptr;
        out.push_back(
            {unit.file, unit.line, static_cast<std::int64_t>(i), status, outcome ? outcome_text(*outcome) : "no outcome was given"});
    }
}

}  // namespace

std::string diagnostics_of(std::string_view body) {
    if (const auto parsed = json::parse(body)) {
        if (auto text = outcome_text(*parsed); !text.empty()) return text;
    }
    // Not cut inside a UTF-8 sequence, or the report would be no valid JSON.
    auto end = std::min(kMaxQuoted, body.size());
    while (end > 0 && end < body.size() && (static_cast<unsigned char>(body[end]) & 0xC0) == 0x80) --end;
    return std::string(body.substr(0, end));
}

std::vector<LoadFailure> failures_in(const LoadUnit& unit, const LoadRequest& request, const Answer& answer) {
    std::vector<LoadFailure> out;
    if (answer.status < 200 || answer.status >= 300) {
        out.push_back({unit.file, unit.line, -1, answer.status, diagnostics_of(answer.body)});
    } else if (request.is_batch) {
        const auto parsed = json::parse(answer.body, {1u << 30, 64, 100'000'000});
        if (parsed) {
            add_entries(unit, *parsed, out);
        } else {
            out.push_back(
                {unit.file, unit.line, -1, answer.status, "the batch's answer is no JSON: whether its entries were taken is not known"});
        }
    }
    return out;
}

void LoadReport::add(const LoadFailure& failure) {
    json::Object line;
    line.set("file", failure.file);
    if (failure.line > 0) line.set("line", json::Value::number(static_cast<std::int64_t>(failure.line)));
    if (failure.entry >= 0) line.set("entry", json::Value::number(failure.entry));
    line.set("status", json::Value::number(failure.status));
    line.set("diagnostics", failure.diagnostics);
    const auto text = json::write(json::Value(std::move(line)));
    const std::lock_guard lock(mutex_);
    ++count_;
    out_ << text << "\n" << std::flush;
}

std::uint64_t LoadReport::count() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

}  // namespace server
