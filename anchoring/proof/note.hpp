// C2SP signed-note (https://c2sp.org/signed-note) with Ed25519 keys (signature type 0x01): text, an empty line, signature lines
// "— name base64(key id 4 || signature 64)". Key id = the first four bytes of SHA-256(name || 0x0A || 0x01 || public key).
#pragma once

#include "storage/crypto/ed25519.hpp"

#include <string>
#include <string_view>

namespace proof {

// Who may have signed. Text form (vkey): name+keyid in 8 hex digits+base64(0x01 || public key).
struct VerifierKey {
    std::string name;  // not empty, no white space, no plus
    crypto::Ed25519PublicKey key{};

    std::uint32_t id() const;
    std::string text() const;
    // Error: Kind::invalid when a part is missing, the key id does not fit the key, or the type is not Ed25519.
    static base::Result<VerifierKey> parse(std::string_view text);
};

// `text` signed by one key. CHECK: text ends with a line end, has no other control character; name as in VerifierKey.
std::string sign_note(std::string_view text, std::string_view name, const crypto::Key& seed);
// The same from a signature made before.
std::string format_note(std::string_view text, const VerifierKey& key, const crypto::Ed25519Signature& signature);

// The text of a note that `key` has signed. Signatures of other keys (witnesses) are passed over; at most 64 lines are read.
// Error: Kind::invalid when it is no note, is not signed by `key`, or a signature of `key` does not verify.
base::Result<std::string> open_note(std::string_view note, const VerifierKey& key);
// The text alone, nothing verified: for tools that say what an unsigned claim would be.
base::Result<std::string> note_text(std::string_view note);

}  // namespace proof
