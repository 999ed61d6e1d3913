// Tokens that were taken back before they expired. Kept in a small file, so that a restart does not bring one back to life.
// It holds random token ids and times, nothing about persons.
#pragma once

#include "storage/base/clock.hpp"

#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace auth {

// Thread-safe.
class RevocationList {
  public:
    // path: the file, made at the first revocation; empty keeps the list in memory alone (tests). One line each: `jti forget_us`.
    // Error: Kind::corrupt when the file cannot be understood: then nobody knows which tokens were taken back, and none may pass.
    static base::Result<RevocationList> open(std::string path, base::TimeUs now);
    RevocationList(RevocationList&& other) noexcept : path_(std::move(other.path_)), forget_us_(std::move(other.forget_us_)) {}

    // Durable when it returns. forget_us: after this time the token is expired anyway. Error: Kind::invalid when jti is empty, longer
    // than 256 bytes or holds white space; Kind::fault when the file cannot be written (the revocation counts in memory all the same).
    base::Status add(std::string_view jti, base::TimeUs forget_us);
    bool contains(std::string_view jti) const;
    std::size_t size() const;

  private:
    explicit RevocationList(std::string path) : path_(std::move(path)) {}

    std::string path_;
    mutable std::shared_mutex mutex_;
    std::unordered_map<std::string, base::TimeUs> forget_us_;
};

}  // namespace auth
