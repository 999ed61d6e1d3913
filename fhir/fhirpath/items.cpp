#include "fhir/fhirpath/items.hpp"

#include <algorithm>

namespace fhirpath {

void* Arena::allocate(std::size_t bytes) {
    constexpr std::size_t kAlign = alignof(std::max_align_t);
    bytes = (bytes + kAlign - 1) / kAlign * kAlign;
    if (bytes > left_) {
        const std::size_t size = std::max(kChunk, bytes);
        if (size > bytes_left_) {
            out_of_memory_ = true;
            bytes_left_ = 0;
        } else {
            bytes_left_ -= size;
        }
        chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
        at_ = chunks_.back().get();
        left_ = size;
    }
    void* out = at_;
    at_ += bytes;
    left_ -= bytes;
    return out;
}

std::string_view Arena::copy(std::string_view text) {
    if (text.empty()) return {};
    char* out = static_cast<char*>(allocate(text.size()));
    std::memcpy(out, text.data(), text.size());
    return {out, text.size()};
}

std::string_view Arena::concat(std::string_view a, std::string_view b) {
    if (a.empty()) return copy(b);
    if (b.empty()) return copy(a);
    char* out = static_cast<char*>(allocate(a.size() + b.size()));
    std::memcpy(out, a.data(), a.size());
    std::memcpy(out + a.size(), b.data(), b.size());
    return {out, a.size() + b.size()};
}

std::string_view Arena::exceeded() const {
    if (out_of_memory_) return "memory_bytes";
    if (items_left_ == 0) return "items";
    if (steps_left_ == 0) return "steps";
    return {};
}

void Items::grow() {
    const std::size_t larger = capacity_ * 4;
    auto* moved = static_cast<Item*>(arena_->allocate(larger * sizeof(Item)));
    std::memcpy(static_cast<void*>(moved), data_, size_ * sizeof(Item));
    data_ = moved;
    capacity_ = larger;
}

}  // namespace fhirpath
