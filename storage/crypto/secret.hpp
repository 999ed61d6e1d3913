// A 256-bit secret that is wiped when it dies. Not copyable by accident: copy() says so.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "storage/base/bytes.hpp"

namespace crypto {

class Key {
  public:
    static constexpr std::size_t kBytes = 32;
    Key() = default;
    // CHECK: exactly 32 bytes.
    explicit Key(base::ByteView bytes) {
        CHECK(bytes.size() == kBytes);
        std::copy(bytes.begin(), bytes.end(), bytes_.begin());
    }
    ~Key() { base::wipe(bytes_); }
    Key(Key&& other) noexcept : bytes_(other.bytes_) { base::wipe(other.bytes_); }
    Key& operator=(Key&& other) noexcept {
        bytes_ = other.bytes_;
        if (this != &other) base::wipe(other.bytes_);
        return *this;
    }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    Key copy() const { return Key(view()); }
    base::ByteView view() const { return bytes_; }

  private:
    std::array<std::uint8_t, kBytes> bytes_{};
};

}  // namespace crypto
