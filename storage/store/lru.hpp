// A bounded map that forgets what was used longest ago. Not thread-safe. Internal to storage/store.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace store {

template <class Key, class Value, class Hash = std::hash<Key>>
class Lru {
  public:
    // `most`: the sum of the weights that put() names.
    explicit Lru(std::size_t most) : most_(most) {}

    // nullptr when absent; valid until the next change.
    Value* find(const Key& key) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) return nullptr;
        entries_.splice(entries_.begin(), entries_, found->second);
        return &found->second->value;
    }

    // Replaces. What weighs more than the whole map may is not kept.
    void put(const Key& key, Value value, std::size_t weight = 1) {
        erase(key);
        if (weight > most_) return;
        entries_.push_front(Entry{key, std::move(value), weight});
        by_key_.emplace(key, entries_.begin());
        weight_ += weight;
        while (weight_ > most_) remove(std::prev(entries_.end()));
    }

    void erase(const Key& key) {
        const auto found = by_key_.find(key);
        if (found != by_key_.end()) remove(found->second);
    }

    template <class Wanted>
    void erase_if(Wanted wanted) {
        for (auto at = entries_.begin(); at != entries_.end();) {
            const auto here = at++;
            if (wanted(here->key, here->value)) remove(here);
        }
    }

    void clear() {
        erase_if([](const Key&, const Value&) { return true; });
    }
    std::size_t weight() const { return weight_; }

  private:
    struct Entry {
        Key key;
        Value value;
        std::size_t weight;
    };
    using Place = typename std::list<Entry>::iterator;

    void remove(Place place) {
        weight_ -= place->weight;
        by_key_.erase(place->key);
        entries_.erase(place);
    }

    std::size_t most_;
    std::size_t weight_ = 0;
    std::list<Entry> entries_;  // most recently used first
    std::unordered_map<Key, Place, Hash> by_key_;
};

}  // namespace store
