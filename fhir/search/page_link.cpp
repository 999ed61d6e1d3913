#include "fhir/search/page_link.hpp"

#include "storage/base/encoding.hpp"
#include "storage/crypto/aead.hpp"

namespace search {
namespace {

constexpr std::string_view kPurpose = "kedge page link 1";
constexpr std::size_t kMaxToken = 64 * 1024;

base::Bytes associated(std::string_view requester) {
    base::Writer out;
    out.sized(kPurpose).sized(requester);
    return out.take();
}

}  // namespace

base::Result<std::string> seal_page(const PageState& state, const crypto::Key& key, std::string_view requester) {
    base::Writer out;
    out.sized(state.path).sized(state.query).u64(state.before_seq).u64(state.at_most_seq).u64(static_cast<std::uint64_t>(state.expires_us));
    const auto sealed = crypto::seal(key, out.bytes(), associated(requester));
    if (!sealed) return base::pass(sealed);
    return base::to_base64url(*sealed);
}

base::Result<PageState> open_page(std::string_view token, const crypto::Key& key, std::string_view requester, base::TimeUs now) {
    const auto refuse = [] {
        return base::fail(base::Kind::invalid, "This page link was not given to you by this server: start the search again");
    };
    if (token.size() > kMaxToken) return refuse();
    const auto sealed = base::from_base64url(token);
    if (!sealed) return refuse();
    const auto opened = crypto::open(key, *sealed, associated(requester));
    if (!opened) return refuse();
    base::Reader in(*opened);
    PageState out;
    out.path = in.text();
    out.query = in.text();
    out.before_seq = in.u64();
    out.at_most_seq = in.u64();
    out.expires_us = static_cast<base::TimeUs>(in.u64());
    if (!in.done()) return refuse();
    if (now > out.expires_us) return base::fail(base::Kind::gone, "This page link has expired: start the search again");
    return out;
}

}  // namespace search
