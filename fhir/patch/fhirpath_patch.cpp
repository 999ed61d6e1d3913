#include "fhir/patch/fhirpath_patch.hpp"

#include "fhir/patch/part_value.hpp"
#include "fhir/patch/place.hpp"

namespace patch {
namespace {

using base::Status;

// For the paths of one patch together; each path gets its share. A plain path takes a few steps, one over all descendants of a large
// resource some ten thousand.
constexpr std::size_t kSteps = 2'000'000;
constexpr std::size_t kMostStepsOfOne = 500'000;

}  // namespace

// One application: the resource while it changes. Each operation looks its path up anew.
class FhirpathPatch::Run {
  public:
    Run(json::Value resource, const Limits& limits, std::size_t operations) : resource_(std::move(resource)), budget_(limits) {
        path_limits_.steps = std::min(kMostStepsOfOne, kSteps / std::max<std::size_t>(operations, 1));
        path_limits_.items = path_limits_.steps;
        path_limits_.memory_bytes = 8u << 20;
    }

    Status step(const Step& step) {
        if (auto time = budget_.next(step.label); !time) return time;
        switch (step.op) {
            case Op::add:
                return add(step);
            case Op::insert:
                return insert(step);
            case Op::remove:
                return remove(step);
            case Op::replace:
                return replace(step);
            case Op::move:
                return move(step);
        }
        return {};
    }

    json::Value take() { return std::move(resource_); }

  private:
    // A list by the object it stands in.
    struct List {
        json::Object* parent;
        std::string name;
        const definitions::Element* element;
        std::size_t size, depth;
    };

    base::Result<std::vector<fhirpath::Node>> nodes(const Step& step, const fhirpath::Expression& path) {
        fhirpath::Environment environment;
        environment.resource = &resource_;
        environment.strict = true;
        environment.limits = path_limits_;
        const auto found = fhirpath::evaluate(path, fhirpath::resource_node(resource_), environment);
        if (!found) {
            auto error = step.label.at(found.error());
            if (error.value().kind == base::Kind::invalid) error.value().kind = base::Kind::unprocessable;
            return error;
        }
        std::vector<fhirpath::Node> out;
        for (std::size_t i = 0; i < found->size(); ++i) {
            const auto node = found->node(i);
            if (!node) return step.label.refused("the path computes a value; it must name elements of the resource", "value");
            out.push_back(*node);
        }
        return out;
    }

    base::Result<Place> place(const Step& step, const fhirpath::Node& node) {
        auto out = find_place(resource_, node);
        if (!out) return step.label.refused("the path leads out of the resource", "value");
        return std::move(*out);
    }

    // The one element at the path; nothing when there is none.
    base::Result<std::optional<Place>> at_most_one(const Step& step, const fhirpath::Expression& path) {
        const auto found = nodes(step, path);
        if (!found) return base::pass(found);
        if (found->size() > 1) {
            return step.label.refused("the path names " + std::to_string(found->size()) + " elements; it must name one",
                                      "multiple-matches");
        }
        if (found->empty()) return std::optional<Place>{};
        auto out = place(step, found->front());
        if (!out) return base::pass(out);
        return std::optional(std::move(*out));
    }

    base::Result<Place> just_one(const Step& step, const fhirpath::Expression& path) {
        auto out = at_most_one(step, path);
        if (!out) return base::pass(out);
        if (!*out) return step.label.refused("no element is at the path", "not-found");
        return std::move(**out);
    }

    // What R4 defines below an element.
    const definitions::Group* group_at(const Place& place) const {
        if (place.parent == nullptr) return definitions::group(resource_.text("resourceType"));
        const auto member = place.member();
        if (!member) return nullptr;
        if (member.type->group() == nullptr) return definitions::group("Element");
        if (member.type->code != "Resource") return member.type->group();
        const auto* value = place.parent->find(place.name);
        if (value != nullptr && place.index) value = &(*value->if_array())[*place.index];
        return value == nullptr ? nullptr : definitions::group(value->text("resourceType"));
    }

    Status add(const Step& step) {
        auto at = just_one(step, *step.path);
        if (!at) return base::pass(at);
        const auto* group = group_at(*at);
        if (group == nullptr) return step.label.refused("R4 does not define the element at the path");
        const auto named = find_element(*group, step.name, step.label);
        if (!named) return base::pass(named);
        auto built = build(step.value, *named, step.label);
        if (!built) return base::pass(built);
        if (auto paid = pay(step, *built, at->depth + 1); !paid) return paid;
        auto* object = children_of(resource_, *at);
        if (object == nullptr) return step.label.refused("the element at the path has another form than R4 gives it");
        return put(*object, *group, *named, std::move(*built), step.label);
    }

    Status remove(const Step& step) {
        const auto at = at_most_one(step, *step.path);
        if (!at) return base::pass(at);
        if (!*at) return {};  // fhirpatch.html: "Path of the element to delete (if found)"
        const auto& place = **at;
        if (place.parent == nullptr) return step.label.refused("a patch does not delete the resource itself");
        if (place.index) {
            list_erase(*place.parent, place.name, *place.index);
        } else {
            place.parent->erase(place.name);
            place.parent->erase("_" + place.name);
        }
        return {};
    }

    Status replace(const Step& step) {
        const auto at = just_one(step, *step.path);
        if (!at) return base::pass(at);
        if (at->parent == nullptr) return step.label.refused("a patch does not replace the resource itself; an update does");
        const auto member = at->member();
        if (!member) return step.label.refused("R4 does not define the element at the path");
        auto built = build(step.value, {member.element, nullptr}, step.label);
        if (!built) return base::pass(built);
        if (auto paid = pay(step, *built, at->depth); !paid) return paid;
        if (at->index)
            list_replace(*at->parent, at->name, *at->index, std::move(built->content));
        else
            set_single(*at->parent, *at->group, *member.element, std::move(built->name), std::move(built->content));
        return {};
    }

    Status insert(const Step& step) {
        const auto list = list_at(step);
        if (!list) return base::pass(list);
        if (step.index > list->size) return out_of_range(step, "index", step.index, list->size);
        auto built = build(step.value, {list->element, nullptr}, step.label);
        if (!built) return base::pass(built);
        if (auto paid = pay(step, *built, list->depth); !paid) return paid;
        list_insert(*list->parent, list->name, step.index, std::move(built->content));
        return {};
    }

    Status move(const Step& step) {
        const auto list = list_at(step);
        if (!list) return base::pass(list);
        if (list->size == 0) return step.label.refused("no element is at the path", "not-found");
        if (step.index >= list->size) return out_of_range(step, "source", step.index, list->size);
        if (step.destination >= list->size) return out_of_range(step, "destination", step.destination, list->size);
        list_move(*list->parent, list->name, step.index, step.destination);
        return {};
    }

    static Status out_of_range(const Step& step, std::string_view what, std::size_t index, std::size_t size) {
        return step.label.refused(
            std::string(what) + " is " + std::to_string(index) + ", and the list has " + std::to_string(size) + " elements", "value");
    }

    base::Result<List> list_at(const Step& step) { return step.above ? list_below(step) : list_of_elements(step); }

    // The list of one name in the one element above it; it may be absent.
    base::Result<List> list_below(const Step& step) {
        const auto at = just_one(step, *step.above);
        if (!at) return base::pass(at);
        const auto* group = group_at(*at);
        if (group == nullptr) return step.label.refused("R4 does not define the element at the path");
        const auto named = find_element(*group, step.list_name, step.label);
        if (!named) return base::pass(named);
        if (!named->element->many) return step.label.refused("'" + step.list_name + "' does not repeat, so it has no order", "value");
        auto* object = children_of(resource_, *at);
        if (object == nullptr) return step.label.refused("the element at the path has another form than R4 gives it");
        return List{object, step.list_name, named->element, list_size(*object, step.list_name), at->depth + 2};
    }

    // A path that ends otherwise, in where() or in an index, must name every element of one list, or it would not be clear what the index
    // counts.
    base::Result<List> list_of_elements(const Step& step) {
        const auto found = nodes(step, *step.path);
        if (!found) return base::pass(found);
        if (found->empty()) return step.label.refused("no element is at the path", "not-found");
        const auto first = place(step, found->front());
        if (!first) return base::pass(first);
        for (const auto& node : *found) {
            const auto next = place(step, node);
            if (!next) return base::pass(next);
            if (next->parent != first->parent || next->name != first->name) {
                return step.label.refused("the path names elements of several lists", "multiple-matches");
            }
        }
        const auto member = first->member();
        if (!member || !first->index) return step.label.refused("the path names no list", "value");
        const auto size = list_size(*first->parent, first->name);
        if (size != found->size()) return step.label.refused("the path names some elements of a list; it must name the list", "value");
        return List{first->parent, first->name, member.element, size, first->depth};
    }

    Status pay(const Step& step, const Built& built, std::size_t depth) {
        auto cost = measure(built.content.value);
        const auto beside = measure(built.content.extra);
        cost.bytes += beside.bytes + built.name.size();
        cost.values += beside.values;
        cost.depth = std::max(cost.depth, beside.depth);
        return budget_.add(step.label, cost, depth);
    }

    json::Value resource_;
    Budget budget_;
    fhirpath::Limits path_limits_;
};

base::Result<json::Value> FhirpathPatch::apply(const json::Value& resource, const Limits& limits) const {
    Run run(resource, limits, steps_.size());
    for (const auto& step : steps_) {
        if (auto done = run.step(step); !done) return base::pass(done);
    }
    return run.take();
}

}  // namespace patch
