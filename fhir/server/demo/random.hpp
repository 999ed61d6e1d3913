// The same numbers on every machine: the standard library's distributions differ from one implementation to the next.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace server::demo {

// SplitMix64 (Steele, Lea, Flood 2014). For making up data; never for secrets.
class Random {
  public:
    // Streams of one seed are independent: a patient's content does not depend on how many others are made.
    Random(std::uint64_t seed, std::uint64_t stream);
    std::uint64_t next();
    // low <= result <= high.
    std::int64_t between(std::int64_t low, std::int64_t high);
    bool chance(int percent);
    // About normal around `mean`: the sum of four uniform numbers, so never further than 3.5 spreads away.
    double around(double mean, double spread);
    std::string uuid();  // version 4 in form

    template <class T, std::size_t N>
    const T& pick(const T (&from)[N]) {
        return from[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(N) - 1))];
    }
    template <class T>
    const T& pick(std::span<const T> from) {
        return from[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(from.size()) - 1))];
    }

  private:
    std::uint64_t state_;
};

}  // namespace server::demo
