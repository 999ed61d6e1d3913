#include "anchoring/keystore/keystore.hpp"

#include <charconv>

#include "anchoring/ethereum/keccak.hpp"
#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"
#include "storage/crypto/password.hpp"
#include "storage/crypto/random.hpp"

namespace keystore {
namespace {

using base::Kind;

constexpr std::size_t kDerivedBytes = 32, kCipherKeyBytes = 16;
constexpr std::uint64_t kBlockSize = 8;  // scrypt's r

tl::unexpected<base::Error> no_key_file(const std::string& why) {
    return base::fail(Kind::invalid, "this is no V3 key file: " + why);
}

base::Result<base::Bytes> hex_member(const json::Value& object, std::string_view name) {
    auto bytes = base::from_hex(object.text(name));
    if (!bytes || bytes->empty()) return no_key_file("'" + std::string(name) + "' is missing or no hexadecimal text");
    return bytes;
}

base::Result<std::uint64_t> number_member(const json::Value& object, std::string_view name) {
    const auto* value = object.find(name);
    const auto* number = value == nullptr ? nullptr : value->if_number();
    std::uint64_t out = 0;
    if (number == nullptr) return no_key_file("'" + std::string(name) + "' is missing or no number");
    const auto& text = number->text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return no_key_file("'" + std::string(name) + "' is no whole number");
    return out;
}

base::Result<base::Bytes> by_scrypt(const json::Value& params, base::ByteView password, base::ByteView salt) {
    const auto n = number_member(params, "n"), r = number_member(params, "r"), p = number_member(params, "p");
    for (const auto* each : {&n, &r, &p}) {
        if (!*each) return base::pass(*each);
    }
    return crypto::scrypt(password, salt, *n, *r, *p, kDerivedBytes);
}

base::Result<base::Bytes> by_pbkdf2(const json::Value& params, base::ByteView password, base::ByteView salt) {
    const auto count = number_member(params, "c");
    if (!count) return base::pass(count);
    if (params.text("prf") != "hmac-sha256") return base::fail(Kind::not_supported, "a key file's pbkdf2 must use hmac-sha256");
    return crypto::pbkdf2_sha256(password, salt, *count, kDerivedBytes);
}

base::Result<base::Bytes> derive(const json::Value& sealed, base::ByteView password) {
    const auto* params = sealed.find("kdfparams");
    if (params == nullptr) return no_key_file("'kdfparams' is missing");
    const auto length = number_member(*params, "dklen");
    if (!length) return base::pass(length);
    if (*length != kDerivedBytes) return base::fail(Kind::not_supported, "a key file's dklen must be 32");
    const auto salt = hex_member(*params, "salt");
    if (!salt) return base::pass(salt);
    const auto kdf = sealed.text("kdf");
    if (kdf == "scrypt") return by_scrypt(*params, password, *salt);
    if (kdf == "pbkdf2") return by_pbkdf2(*params, password, *salt);
    return base::fail(Kind::not_supported, "a key file's kdf must be scrypt or pbkdf2");
}

ethereum::Hash mac_of(base::ByteView derived, base::ByteView ciphertext) {
    return ethereum::keccak256(base::Writer().raw(derived.subspan(kCipherKeyBytes, 16)).raw(ciphertext).take());
}

}  // namespace

base::Result<ethereum::Signer> open(std::string_view text, std::string_view password) {
    const auto file = json::parse(text);
    if (!file) return no_key_file(file.error().diagnostics);
    const auto version = number_member(*file, "version");
    if (!version || *version != 3) return no_key_file("its version is not 3");
    const auto* sealed = file->find("crypto") != nullptr ? file->find("crypto") : file->find("Crypto");
    const auto* parameters = sealed == nullptr ? nullptr : sealed->find("cipherparams");
    if (parameters == nullptr) return no_key_file("'crypto.cipherparams' is missing");
    if (sealed->text("cipher") != "aes-128-ctr") return base::fail(Kind::not_supported, "a key file's cipher must be aes-128-ctr");
    const auto counter = hex_member(*parameters, "iv"), ciphertext = hex_member(*sealed, "ciphertext"), mac = hex_member(*sealed, "mac");
    for (const auto* each : {&counter, &ciphertext, &mac}) {
        if (!*each) return base::pass(*each);
    }
    if (counter->size() != 16) return no_key_file("'iv' is not 16 bytes");
    auto derived = derive(*sealed, base::as_bytes(password));
    if (!derived) return base::pass(derived);
    if (!std::ranges::equal(mac_of(*derived, *ciphertext), *mac)) {
        base::wipe(*derived);
        return base::fail(Kind::unauthenticated, "the password does not open the key file");
    }
    auto secret = crypto::aes_128_ctr(base::ByteView(*derived).first(kCipherKeyBytes), *counter, *ciphertext);
    base::wipe(*derived);
    // Early tools left leading zeroes out.
    base::Bytes padded(secret.size() < 32 ? 32 - secret.size() : 0);
    padded.insert(padded.end(), secret.begin(), secret.end());
    auto signer = ethereum::Signer::from_secret(padded);
    base::wipe(secret);
    base::wipe(padded);
    if (!signer) return base::pass(signer);
    // Some tools leave the address out for privacy.
    if (const auto named = file->text("address"); !named.empty()) {
        const auto address = base::from_hex(named);
        if (!address || !std::ranges::equal(*address, signer->address().bytes))
            return base::fail(Kind::corrupt, "the key file names another address than its key has");
    }
    return signer;
}

base::Result<std::string> write(base::ByteView secret, std::string_view password, Cost cost) {
    const auto signer = ethereum::Signer::from_secret(secret);
    if (!signer) return base::pass(signer);
    const auto salt = crypto::random_array<32>();
    const auto counter = crypto::random_array<16>();
    const auto n = static_cast<std::int64_t>(cost);
    auto derived = crypto::scrypt(base::as_bytes(password), salt, static_cast<std::uint64_t>(n), kBlockSize, 1, kDerivedBytes);
    if (!derived) return base::pass(derived);
    const auto ciphertext = crypto::aes_128_ctr(base::ByteView(*derived).first(kCipherKeyBytes), counter, secret);
    json::Object parameters, kdf, sealed, file;
    parameters.set("iv", base::to_hex(counter));
    kdf.set("dklen", json::Value::number(kDerivedBytes));
    kdf.set("n", json::Value::number(n));
    kdf.set("p", json::Value::number(1));
    kdf.set("r", json::Value::number(static_cast<std::int64_t>(kBlockSize)));
    kdf.set("salt", base::to_hex(salt));
    sealed.set("cipher", "aes-128-ctr");
    sealed.set("cipherparams", std::move(parameters));
    sealed.set("ciphertext", base::to_hex(ciphertext));
    sealed.set("kdf", "scrypt");
    sealed.set("kdfparams", std::move(kdf));
    sealed.set("mac", base::to_hex(mac_of(*derived, ciphertext)));
    base::wipe(*derived);
    file.set("address", base::to_hex(signer->address().bytes));
    file.set("crypto", std::move(sealed));
    file.set("id", crypto::random_uuid());
    file.set("version", json::Value::number(3));
    return json::write(json::Value(std::move(file)));
}

}  // namespace keystore
