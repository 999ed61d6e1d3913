#include "fhir/search/extract.hpp"

#include "fhir/codec/references.hpp"
#include "fhir/codec/resource.hpp"
#include "fhir/search/date_range.hpp"
#include "fhir/search/index_entries.hpp"
#include "fhir/search/plan.hpp"

#include <algorithm>

namespace search {
namespace {

void add_once(std::vector<std::string>& list, std::string text) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

class Extractor {
  public:
    Extractor(const json::Value& resource, const TypePlan& plan, const ExtractContext& context)
        : resource_(resource), plan_(plan), context_(context) {}

    Extraction run() {
        auto& facts = out_.facts;
        facts.type = codec::resource_type(resource_);
        facts.id = codec::id(resource_);
        facts.owner_org = context_.owner_org;
        patients();
        facts.patients = out_.patients;
        authors();
        codes();
        meta();
        codec::visit_references(resource_, [&](const std::string& text) { add_local(facts.references, text); });
        clinical_time();
        for (const auto& parameter : plan_.indexed) {
            for (const auto& node : nodes(parameter.path)) {
                append_entries(*parameter.definition, node, parameter.direct_identifier, context_.base_url, out_.index);
            }
        }
        return std::move(out_);
    }

  private:
    const std::vector<Node>& nodes(const PathExpression& path) {
        nodes_.clear();
        path.evaluate(resource_, nodes_);
        return nodes_;
    }

    void add_local(std::vector<std::string>& list, std::string_view text) {
        const auto reference = codec::parse_reference(text, context_.base_url);
        if (reference.form == codec::Reference::Form::local) add_once(list, reference.relative());
    }

    void patients() {
        if (out_.facts.type == "Patient") out_.patients.push_back(out_.facts.id);
        for (const auto& path : plan_.patients) {
            for (const auto& node : nodes(path)) {
                const auto reference = codec::parse_reference(node.value->text("reference"), context_.base_url);
                if (reference.is_local("Patient")) add_once(out_.patients, std::string(reference.id));
            }
        }
        // A Patient is sealed by its own key also when it links to others: the link is its own statement.
        if (out_.facts.type == "Patient")
            out_.patient = out_.facts.id;
        else if (out_.patients.size() == 1)
            out_.patient = out_.patients[0];
    }

    void authors() {
        for (const auto& path : plan_.authors) {
            for (const auto& node : nodes(path)) add_local(out_.facts.authors, node.value->text("reference"));
        }
    }

    // Those of contained resources count too: a prescription often holds its Medication, and with it the only code.
    void codes() {
        codes_of(resource_, plan_);
        // consent/decide tells a proposal from a Consent in force by this code.
        if (out_.facts.type == "Consent" && !resource_.text("status").empty()) {
            out_.facts.codes.push_back("http://hl7.org/fhir/consent-state-codes|" + std::string(resource_.text("status")));
        }
        const auto* contained = resource_.find("contained");
        if (contained == nullptr || !contained->is_array()) return;
        for (const auto& inner : *contained->if_array()) {
            if (const auto* inner_plan = plan(codec::resource_type(inner))) codes_of(inner, *inner_plan);
        }
    }
    void codes_of(const json::Value& resource, const TypePlan& type_plan) {
        for (const auto& path : type_plan.codes) {
            nodes_.clear();
            path.evaluate(resource, nodes_);
            for (const auto& node : nodes_) append_codes(*node.value, out_.facts.codes);
        }
    }

    void meta() {
        const auto* meta = resource_.find("meta");
        if (meta == nullptr) return;
        // R4 lets a fragment of meta.source name the message; the part before it is the system.
        if (const auto source = meta->text("source"); !source.empty()) add_local(out_.facts.authors, source.substr(0, source.find('#')));
        if (const auto* labels = meta->find("security"); labels != nullptr && labels->is_array()) {
            for (const auto& label : *labels->if_array()) append_codes(label, out_.facts.labels);
        }
        if (const auto* profiles = meta->find("profile"); profiles != nullptr && profiles->is_array()) {
            for (const auto& profile : *profiles->if_array()) {
                if (const auto* text = profile.if_string()) add_once(out_.facts.profiles, *text);
            }
        }
    }

    // The first element of the list that gives a time; several values of it are covered together.
    void clinical_time() {
        std::optional<base::Period> found;
        for (auto path = plan_.times.begin(); path != plan_.times.end() && !found; ++path) {
            for (const auto& node : nodes(*path)) {
                if (const auto range = date_range(node)) found = found ? cover(*found, *range) : *range;
            }
        }
        // Appointment and Slot say start and end apart.
        if (const auto end = base::parse_datetime(resource_.text("end")); found && end && !resource_.text("start").empty())
            found = cover(*found, *end);
        if (!found) return;
        out_.facts.has_clinical_time = true;
        out_.facts.clinical_low = found->low;
        out_.facts.clinical_high = found->high;
    }

    const json::Value& resource_;
    const TypePlan& plan_;
    const ExtractContext& context_;
    Extraction out_;
    std::vector<Node> nodes_;
};

}  // namespace

base::Result<Extraction> extract(const json::Value& resource, const ExtractContext& context) {
    const auto* type_plan = plan(codec::resource_type(resource));
    if (type_plan == nullptr)
        return base::fail(base::Kind::invalid, "The resource has no resourceType that R4 knows", {"Resource.resourceType"});
    if (!codec::valid_id(codec::id(resource))) return base::fail(base::Kind::invalid, "The resource has no valid id", {"Resource.id"});
    return Extractor(resource, *type_plan, context).run();
}

}  // namespace search
