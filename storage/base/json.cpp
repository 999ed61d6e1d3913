#include "storage/base/json.hpp"

#include <utility>

namespace json {

const Value* Object::find(std::string_view key) const {
    for (const auto& member : members_) {
        if (member.first == key) return &member.second;
    }
    return nullptr;
}
Value* Object::find(std::string_view key) {
    return const_cast<Value*>(std::as_const(*this).find(key));
}
Value& Object::set(std::string key, Value value) {
    if (auto* present = find(key)) return *present = std::move(value);
    return members_.emplace_back(std::move(key), std::move(value)).second;
}
Value& Object::set_first(std::string key, Value value) {
    if (auto* present = find(key)) return *present = std::move(value);
    return members_.emplace(members_.begin(), std::move(key), std::move(value))->second;
}
bool Object::erase(std::string_view key) {
    return std::erase_if(members_, [&](const Member& m) { return m.first == key; }) > 0;
}
// Mostly the members stand in the same order; only those that do not are searched for.
bool Object::operator==(const Object& other) const {
    if (size() != other.size()) return false;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        const auto& [key, mine] = members_[i];
        const auto* theirs = other.members_[i].first == key ? &other.members_[i].second : other.find(key);
        if (theirs == nullptr || *theirs != mine) return false;
    }
    return true;
}

Value Value::number(std::int64_t v) {
    return Value(Number{std::to_string(v)});
}
const Value* Value::find(std::string_view key) const {
    const auto* object = if_object();
    return object == nullptr ? nullptr : object->find(key);
}
Value* Value::find(std::string_view key) {
    return const_cast<Value*>(std::as_const(*this).find(key));
}
std::string_view Value::text(std::string_view key) const {
    const auto* member = find(key);
    const auto* string = member == nullptr ? nullptr : member->if_string();
    return string == nullptr ? std::string_view{} : std::string_view(*string);
}

}  // namespace json
