// EIP-712: hashes of typed structures that people sign. There is no generic encoder from JSON: each structure that kedge signs is
// written down in code, its type text beside it, and the tests compare with the EIP's example.
#pragma once

#include "anchoring/ethereum/types.hpp"

#include <string>
#include <string_view>

namespace ethereum {

// The domain with the four fields that kedge uses (no salt): a signature counts on one chain for one contract.
struct Domain {
    std::string name;
    std::string version;
    std::uint64_t chain_id = 0;
    Address verifying_contract;
};

// hashStruct of a structure: keccak256(typeHash || enc(field) ...), fields in the order of the type text.
class StructHash {
  public:
    explicit StructHash(std::string_view encode_type);  // for example "Person(string name,address wallet)"
    StructHash& address(const Address& v);
    StructHash& number(const U256& v);   // any uintN; zero-extended
    StructHash& bytes32(const Hash& v);  // also a nested structure's hash
    StructHash& bytes(base::ByteView v);
    StructHash& text(std::string_view v) { return bytes(base::as_bytes(v)); }
    Hash hash() const;

  private:
    base::Bytes encoded_;
};

Hash domain_separator(const Domain& domain);
// keccak256(0x19 0x01 || domainSeparator || hashStruct): what is signed.
Hash typed_data_digest(const Hash& domain_separator, const Hash& struct_hash);

}  // namespace ethereum
