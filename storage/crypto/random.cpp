#include "storage/crypto/random.hpp"

#include "storage/base/encoding.hpp"

#include <algorithm>
#include <atomic>

#include <openssl/rand.h>
#include <pthread.h>

namespace crypto {
namespace {

void draw(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto part = std::min<std::size_t>(out.size(), 1u << 30);
        CHECK(RAND_bytes(out.data(), static_cast<int>(part)) == 1);
        out = out.subspan(part);
    }
}

std::atomic<unsigned> forks{0};

// One start of the generator costs 1 us and more, whatever it gives: half of all that sealing a short text takes. Nonces and salts are
// drawn ahead, for each thread. What was handed out is wiped here, so that memory keeps no copy of a salt, and a forked child draws anew.
class Drawn {
  public:
    Drawn() {
        static const int registered = ::pthread_atfork(nullptr, nullptr, [] { ++forks; });
        CHECK(registered == 0);
    }
    ~Drawn() { base::wipe(bytes_); }
    void take(std::span<std::uint8_t> out) {
        if (left_ < out.size() || forks_ != forks) {
            forks_ = forks;
            draw(bytes_);
            left_ = bytes_.size();
        }
        const auto from = std::span(bytes_).subspan(left_ - out.size(), out.size());
        std::copy(from.begin(), from.end(), out.begin());
        base::wipe(from);
        left_ -= out.size();
    }
    static constexpr std::size_t kMost = 64;

  private:
    std::array<std::uint8_t, 2048> bytes_{};
    std::size_t left_ = 0;
    unsigned forks_ = 0;
};

}  // namespace

void random_fill(std::span<std::uint8_t> out) {
    thread_local Drawn drawn;
    if (out.size() > Drawn::kMost) return draw(out);
    drawn.take(out);
}

Key random_key() {
    // OpenSSL keeps a second generator for what must stay secret: what is seen of the public one (nonces) says nothing of keys.
    std::array<std::uint8_t, Key::kBytes> bytes;
    CHECK(RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
    Key key(bytes);
    base::wipe(bytes);
    return key;
}

std::string random_uuid() {
    auto bytes = random_array<16>();
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // variant 10
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text(36, '-');  // written in place: each event of the trail has one
    std::size_t at = 0;
    for (const auto byte : bytes) {
        if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
        text[at++] = kDigits[byte >> 4];
        text[at++] = kDigits[byte & 15];
    }
    return text;
}

}  // namespace crypto
