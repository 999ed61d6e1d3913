// ConceptMap/$translate: https://hl7.org/fhir/R4/conceptmap-operation-translate.html
#include <algorithm>

#include "fhir/terminology/asked.hpp"

namespace terminology {
namespace {

using base::Kind;

struct Match {
    std::string equivalence, system, version, code, display, source;
    const json::Array* products = nullptr;
};

// The relation seen from the other side.
std::string_view turned(std::string_view equivalence) {
    if (equivalence == "wider") return "narrower";
    if (equivalence == "narrower") return "wider";
    if (equivalence == "subsumes") return "specializes";
    if (equivalence == "specializes") return "subsumes";
    return equivalence;
}

class Translation {
  public:
    Translation(const Library& library, bool reverse, std::string target_system) : library_(library), reverse_(reverse), target_system_(std::move(target_system)) {}

    base::Status through(std::shared_ptr<const ConceptMap> map, const Asked& asked) {
        if (std::find(path_.begin(), path_.end(), map.get()) != path_.end()) {
            return base::fail(Kind::unprocessable, "the concept maps refer to each other in a circle (unmapped other-map): " + map->url, {}, "processing");
        }
        if (path_.size() >= kDeepest) return base::fail(Kind::unprocessable, "concept maps refer to others more than " + std::to_string(kDeepest) + " deep", {}, "too-costly");
        held_.push_back(map);
        path_.push_back(map.get());
        const auto done = through_groups(*map, asked);
        path_.pop_back();
        return done;
    }

    const std::vector<Match>& matches() const { return matches_; }
    bool left_out() const { return left_out_; }

  private:
    static constexpr std::size_t kDeepest = 16;

    base::Status through_groups(const ConceptMap& map, const Asked& asked) {
        for (const auto& group : map.groups) {
            const auto& from = reverse_ ? group.target : group.source;
            const auto& to = reverse_ ? group.source : group.target;
            if (!from.empty() && from != asked.system) continue;
            if (!target_system_.empty() && to != target_system_) continue;
            if (auto done = reverse_ ? backward(map, group, asked) : forward(map, group, asked); !done) return done;
        }
        return {};
    }

    base::Status forward(const ConceptMap& map, const MapGroup& group, const Asked& asked) {
        bool listed = false;
        for (const auto& element : group.elements) {
            if (element.code != asked.code) continue;
            listed = true;
            for (const auto& target : element.targets) {
                if (target.depends) left_out_ = true;  // it holds beside other elements alone, and those are not asked for here
                else matches_.push_back({target.equivalence, group.target, group.target_version, target.code, target.display, map.url, &target.products});
            }
        }
        return listed ? base::Status{} : unmapped(map, group, asked);
    }

    base::Status unmapped(const ConceptMap& map, const MapGroup& group, const Asked& asked) {
        if (group.unmapped_mode == "provided") {
            matches_.push_back({"equal", group.target, group.target_version, asked.code, asked.display, map.url, nullptr});
        } else if (group.unmapped_mode == "fixed") {
            // That they are related is all that a fixed code says.
            matches_.push_back({"relatedto", group.target, group.target_version, group.unmapped_code, group.unmapped_display, map.url, nullptr});
        } else if (group.unmapped_mode == "other-map") {
            const Reference reference(group.unmapped_url);
            const auto entry = library_.find(Type::concept_map, reference.url, reference.version);
            if (!entry) return base::pass(entry);
            const auto other = (*entry)->concept_map();
            if (!other) return base::pass(other);
            return through(*other, asked);
        }
        return {};
    }

    base::Status backward(const ConceptMap& map, const MapGroup& group, const Asked& asked) {
        for (const auto& element : group.elements) {
            for (const auto& target : element.targets) {
                if (target.code != asked.code) continue;
                if (target.depends) left_out_ = true;
                else matches_.push_back({std::string(turned(target.equivalence)), group.source, group.source_version, element.code, element.display, map.url, &target.products});
            }
        }
        return {};
    }

    const Library& library_;
    bool reverse_, left_out_ = false;
    std::string target_system_;
    std::vector<Match> matches_;
    std::vector<std::shared_ptr<const ConceptMap>> held_;  // what the matches point into
    std::vector<const ConceptMap*> path_;
};

json::Array parts_of(const Match& match) {
    Told out;
    out.add("equivalence", "valueCode", match.equivalence);
    if (!match.code.empty()) {
        json::Object coding;
        if (!match.system.empty()) coding.set("system", match.system);
        if (!match.version.empty()) coding.set("version", match.version);
        coding.set("code", match.code);
        if (!match.display.empty()) coding.set("display", match.display);
        out.add("concept", "valueCoding", std::move(coding));
    }
    for (const auto& product : match.products == nullptr ? json::Array{} : *match.products) {
        Told parts;
        json::Object coding;
        if (!product.text("system").empty()) coding.set("system", product.text("system"));
        coding.set("code", product.text("value"));
        if (!product.text("display").empty()) coding.set("display", product.text("display"));
        parts.add("element", "valueUri", product.text("property"));
        parts.add("concept", "valueCoding", std::move(coding));
        out.add_parts("product", std::move(parts).take());
    }
    if (!match.source.empty()) out.add("source", "valueUri", match.source);
    return std::move(out).take();
}

bool fits(const ConceptMap& map, const Arguments& arguments, bool reverse) {
    const auto source = Reference(arguments.text("source")).url, target = Reference(arguments.text("target")).url;
    return (source.empty() || source == (reverse ? map.target : map.source)) && (target.empty() || target == (reverse ? map.source : map.target));
}

// The map that is named, or every map between the value sets or systems that are.
base::Result<std::vector<std::shared_ptr<const ConceptMap>>> maps_meant(const Question& question, bool reverse, std::vector<std::string>& used) {
    const auto& arguments = question.arguments;
    auto named = map_meant(question);
    if (!named) return base::pass(named);
    std::vector<std::shared_ptr<const ConceptMap>> out;
    if (named->value) {
        used = named->used;
        if (fits(*named->value, arguments, reverse)) out.push_back(named->value);
        return out;
    }
    if (arguments.text("target").empty() && arguments.text("targetsystem").empty()) {
        return base::fail(Kind::invalid, "to what? Give the url of a map, the conceptMap itself, an id in the path, a target value set or a targetsystem", {}, "required");
    }
    for (const auto& entry : question.library.all(Type::concept_map)) {
        const auto map = entry->concept_map();
        if (!map || !fits(**map, arguments, reverse)) continue;
        if (!entry->source().empty()) used.push_back(entry->source());
        out.push_back(*map);
    }
    return out;
}

bool is_translation(const Match& match) {
    return match.equivalence != "unmatched" && match.equivalence != "disjoint" && !match.code.empty();
}

}  // namespace

base::Result<Answer> translate(const Question& question) {
    const auto& arguments = question.arguments;
    const bool reverse = arguments.flag("reverse").value_or(false);
    const auto codes = codes_asked(arguments, "version");
    if (!codes) return base::pass(codes);
    for (const auto& asked : *codes) {
        if (asked.system.empty()) return base::fail(Kind::invalid, "a code needs its system: give system with code, or a coding with its system", {}, "required");
    }
    Answer out;
    const auto maps = maps_meant(question, reverse, out.used);
    if (!maps) return base::pass(maps);
    bool any = false, left_out = false;
    json::Array found;
    for (const auto& asked : *codes) {
        for (const auto& map : *maps) {
            Translation translation(question.library, reverse, arguments.text("targetsystem"));
            if (auto done = translation.through(map, asked); !done) return base::pass(done);
            left_out = left_out || translation.left_out();
            for (const auto& match : translation.matches()) {
                any = any || is_translation(match);
                json::Object one;
                one.set("name", "match");
                one.set("part", parts_of(match));
                found.emplace_back(std::move(one));
            }
        }
    }
    Told told;
    told.add("result", "valueBoolean", any);
    std::string message;
    if (maps->empty()) message = "no concept map that is known here goes between these";
    else if (!any) message = "no translation stands in " + (maps->size() == 1 && !maps->front()->url.empty() ? maps->front()->url : "the " + std::to_string(maps->size()) + " maps looked at");
    if (left_out) message += std::string(message.empty() ? "" : "; ") + "targets that depend on other elements (dependsOn) were left out";
    if (!message.empty()) told.add("message", "valueString", message);
    auto parts = std::move(told).take();
    for (auto& one : found) parts.push_back(std::move(one));
    json::Object resource;
    resource.set("resourceType", "Parameters");
    resource.set("parameter", std::move(parts));
    out.resource = std::move(resource);
    return out;
}

}  // namespace terminology
