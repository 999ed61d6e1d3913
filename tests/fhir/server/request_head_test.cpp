// RFC 9112 sections 2 to 6, at the level of bytes.
#include "fhir/server/request_head.hpp"

#include "fhir/server/chunk_decoder.hpp"
#include "fhir/server/response_head.hpp"

#include <gtest/gtest.h>

namespace server {
namespace {

RequestHead parsed(std::string_view bytes) {
    EXPECT_EQ(head_end(bytes, 0), bytes.size());
    return parse_head(bytes, Limits());
}

TEST(RequestHead, EndsBehindTheEmptyLineWhereverTheBytesAreCut) {
    const std::string_view bytes = "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nrest";
    const auto end = bytes.size() - 4;
    for (std::size_t cut = 0; cut < end; ++cut) EXPECT_EQ(head_end(bytes.substr(0, cut), cut < 3 ? 0 : cut - 3), 0u);
    EXPECT_EQ(head_end(bytes, end - 4), end);
    EXPECT_FALSE(parsed(bytes.substr(0, end)).refused);
}

TEST(RequestHead, SplitsTheTarget) {
    const auto head = parsed("GET /fhir/Patient/a%2Fb?name=x?y HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_FALSE(head.refused);
    EXPECT_EQ(head.request.path, "/fhir/Patient/a%2Fb");
    EXPECT_EQ(head.request.query, "name=x?y");
    EXPECT_EQ(head.request.target, "/fhir/Patient/a%2Fb?name=x?y");
}

TEST(RequestHead, AbsoluteFormBecomesOriginForm) {
    EXPECT_EQ(parsed("GET http://h:1/a?b HTTP/1.1\r\nHost: x\r\n\r\n").request.target, "/a?b");
    EXPECT_EQ(parsed("GET http://h HTTP/1.1\r\nHost: x\r\n\r\n").request.target, "/");
    EXPECT_EQ(parsed("GET http://h?q HTTP/1.1\r\nHost: x\r\n\r\n").request.target, "/?q");
    EXPECT_EQ(parsed("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").request.target, "*");
    EXPECT_TRUE(parsed("CONNECT h:1 HTTP/1.1\r\nHost: x\r\n\r\n").refused);
}

TEST(RequestHead, KnowsHowTheBodyIsFramed) {
    EXPECT_EQ(parsed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n").content_length, 12u);
    EXPECT_TRUE(parsed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n").chunked);
    EXPECT_TRUE(parsed("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").refused);
    EXPECT_FALSE(parsed("POST / HTTP/1.0\r\n\r\n").keep_alive);
}

TEST(ChunkDecoder, StopsAtTheRoomItIsGiven) {
    ChunkDecoder decoder;
    std::string out;
    std::string_view in = "a\r\n0123456789\r\n0\r\n\r\nnext";
    EXPECT_EQ(decoder.feed(in, out, 4), ChunkDecoder::State::more);
    EXPECT_EQ(out, "0123");
    EXPECT_FALSE(in.empty());
    EXPECT_EQ(decoder.feed(in, out, 100), ChunkDecoder::State::done);
    EXPECT_EQ(out, "0123456789");
    EXPECT_EQ(in, "next");
}

TEST(ChunkDecoder, RefusesWhatBreaksTheGrammar) {
    for (const auto* bytes :
         {"\r\n", "g\r\n", "1\nx", "1\r\nxy", "1\r\nx\ry", "1000000000000\r\n", "0\r\n\rx", "0\r\nA: b\rc", "-1\r\n", "1;a\nb"}) {
        ChunkDecoder decoder;
        std::string out;
        std::string_view in = bytes;
        EXPECT_EQ(decoder.feed(in, out, 1000), ChunkDecoder::State::malformed) << bytes;
    }
}

TEST(ChunkDecoder, ExtensionsAndTrailersAreBounded) {
    for (const auto& start : {std::string("1;"), std::string("0\r\nA: ")}) {
        ChunkDecoder decoder;
        std::string out;
        const auto bytes = start + std::string(20'000, 'a');
        std::string_view in = bytes;
        EXPECT_EQ(decoder.feed(in, out, 1000), ChunkDecoder::State::malformed);
    }
}

TEST(ResponseHead, TheListenerDecidesTheFraming) {
    http::Response response;
    response.headers = {{"Content-Length", "9"}, {"Transfer-Encoding", "chunked"}, {"connection", "upgrade"}, {"ETag", "W/\"1\""}};
    response.body = "abc";
    std::string out;
    ASSERT_TRUE(write_head(response, {"now", "id", true, false}, out));
    EXPECT_EQ(out,
              "HTTP/1.1 200 OK\r\nDate: now\r\nCache-Control: private, no-cache\r\nVary: Accept, Authorization\r\n"
              "ETag: W/\"1\"\r\nX-Request-Id: id\r\nContent-Length: 3\r\n\r\n");
}

// RFC 9111: what a handler says of caches stands; what says nothing of them is for the caller alone, and is asked for again.
TEST(ResponseHead, AHandlerMayOpenItsAnswerToCaches) {
    http::Response response;
    response.headers = {{"cache-control", "public, max-age=60"}};
    std::string out;
    ASSERT_TRUE(write_head(response, {"now", "id", true, false}, out));
    EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nDate: now\r\ncache-control: public, max-age=60\r\nX-Request-Id: id\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace
}  // namespace server
