// The bytes a stranger sends first: head, chunks, header grammars, settings. What must hold is asserted, not only that nothing crashes.
#include "fhir/http/etag.hpp"
#include "fhir/http/media_type.hpp"
#include "fhir/http/prefer.hpp"
#include "fhir/http/query.hpp"
#include "fhir/server/chunk_decoder.hpp"
#include "fhir/server/config.hpp"
#include "fhir/server/request_head.hpp"
#include "fhir/server/response_head.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void head(std::string_view bytes) {
    const server::Limits limits;
    const auto end = server::head_end(bytes, 0);
    require(end <= bytes.size());
    if (end == 0) return;
    const auto parsed = server::parse_head(bytes.substr(0, end), limits);
    if (parsed.refused) return;
    require(parsed.request.headers.size() <= limits.header_fields);
    require(!parsed.chunked || parsed.content_length == 0);
    require(parsed.request.target == "*" || parsed.request.path.front() == '/');
    for (const auto& [name, value] : parsed.request.headers)
        require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
}

// Whatever the cut, the chunks decode to the same.
void chunks(std::string_view bytes) {
    constexpr std::size_t kRoom = 1 << 16;
    server::ChunkDecoder whole;
    std::string all;
    auto rest = bytes;
    const auto state = whole.feed(rest, all, kRoom);
    server::ChunkDecoder pieces;
    std::string joined;
    auto last = server::ChunkDecoder::State::more;
    for (std::size_t i = 0; i < bytes.size() && last == server::ChunkDecoder::State::more; ++i) {
        auto one = bytes.substr(i, 1);
        last = pieces.feed(one, joined, kRoom - joined.size());
        if (!one.empty()) break;
    }
    require(all == joined && state == last);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    head(bytes);
    chunks(bytes);
    if (const auto query = http::parse_query(bytes)) require(*http::parse_query(http::write_query(*query)) == *query);
    if (const auto ranges = http::parse_accept(bytes)) {
        for (const auto& range : *ranges) require(range.quality >= 0 && range.quality <= 1000);
    }
    (void)http::parse_prefer(bytes);
    (void)http::parse_entity_tags(bytes);
    (void)server::parse_listen(bytes);
    http::Response response;
    response.headers.emplace_back("X", std::string(bytes));
    std::string out;
    // One field in, one line out: data never makes a second one.
    if (server::write_head(response, {"d", "", true, false}, out))
        require(out.find("\r\nX: " + std::string(bytes) + "\r\nContent-Length: 0\r\n\r\n") != std::string::npos);
    return 0;
}
