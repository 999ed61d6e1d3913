#include "anchoring/ethereum/eip712.hpp"

#include "anchoring/ethereum/keccak.hpp"

namespace ethereum {

StructHash::StructHash(std::string_view encode_type) {
    bytes32(keccak256(encode_type));
}

StructHash& StructHash::address(const Address& v) {
    encoded_.insert(encoded_.end(), 12, 0);
    encoded_.insert(encoded_.end(), v.bytes.begin(), v.bytes.end());
    return *this;
}

StructHash& StructHash::number(const U256& v) {
    return bytes32(v.bytes);
}

StructHash& StructHash::bytes32(const Hash& v) {
    encoded_.insert(encoded_.end(), v.begin(), v.end());
    return *this;
}

StructHash& StructHash::bytes(base::ByteView v) {
    return bytes32(keccak256(v));
}

Hash StructHash::hash() const {
    return keccak256(encoded_);
}

Hash domain_separator(const Domain& domain) {
    return StructHash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
        .text(domain.name)
        .text(domain.version)
        .number(domain.chain_id)
        .address(domain.verifying_contract)
        .hash();
}

Hash typed_data_digest(const Hash& domain_separator, const Hash& struct_hash) {
    return keccak256(base::Writer().u8(0x19).u8(0x01).raw(domain_separator).raw(struct_hash).bytes());
}

}  // namespace ethereum
