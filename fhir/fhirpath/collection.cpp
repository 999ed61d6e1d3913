#include "fhir/fhirpath/items.hpp"
#include "fhir/fhirpath/nodes.hpp"
#include "fhir/fhirpath/syntax.hpp"

namespace fhirpath {

Collection::Collection(std::unique_ptr<Arena> arena, std::shared_ptr<const Syntax> syntax, const Item* items, std::size_t size)
    : arena_(std::move(arena)), syntax_(std::move(syntax)), items_(items), size_(size) {}
Collection::Collection(Collection&&) noexcept = default;
Collection& Collection::operator=(Collection&&) noexcept = default;
Collection::~Collection() = default;

const Item& View::item(std::size_t index) const {
    CHECK(index < size_);
    return items_[index];
}

json::Value View::value(std::size_t index) const {
    return to_json(item(index));
}

std::string View::type(std::size_t index) const {
    const auto name = type_of(item(index));
    return name.name.empty() ? std::string() : std::string(name.name_space) + "." + std::string(name.name);
}

std::optional<Node> View::node(std::size_t index) const {
    const auto& found = item(index);
    return found.is(ItemKind::node) ? std::optional(found.node()) : std::nullopt;
}

}  // namespace fhirpath
