// The two key files, DIR/root.key and DIR/keys.db, and how a new pair takes the place of an old one without a moment in which a
// crash would leave neither. Internal to storage/store; storage/FORMAT.md has the grammar.
#pragma once

#include "storage/crypto/secret.hpp"
#include "storage/store/database.hpp"
#include "storage/store/files.hpp"

#include <string>

namespace store::key_files {

inline std::string root_path(const std::string& dir) {
    return dir + "/root.key";
}
inline std::string rows_path(const std::string& dir) {
    return dir + "/keys.db";
}
// The names under which the next pair is prepared.
inline std::string next_root_path(const std::string& dir) {
    return dir + "/root.key.new";
}
inline std::string next_rows_path(const std::string& dir) {
    return dir + "/keys.db.new";
}

// Held while the pair is looked at or changed. Waits for another holder.
base::Result<files::Lock> lock(const std::string& dir);
base::Status expect_directory(const std::string& dir);  // error: Kind::not_found, with what to do

base::Status write_root(const std::string& path, const crypto::Key& root);
// Errors: Kind::not_found, Kind::corrupt when the text is no root key.
base::Result<crypto::Key> read_root(const std::string& path);

// keys.db under the page key that belongs to this root key. Errors as Database::open.
base::Result<Database> open_rows(const std::string& path, const crypto::Key& root);

struct Pair {
    crypto::Key root;
    Database rows;
};
// Finishes an installation that a crash cut short. Errors: Kind::not_found when nothing is installed, Kind::corrupt when no root key
// here opens keys.db. The lock is held.
base::Result<Pair> open_pair(const std::string& dir);

// Removes a prepared pair that was never installed. The lock is held.
base::Status discard_next(const std::string& dir);
// The prepared pair becomes the pair; the old files are overwritten. keys.db goes first: from then on open_pair takes root.key.new.
base::Status install_next(const std::string& dir);

}  // namespace store::key_files
