#include "fhir/server/request_head.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <boost/beast/http/basic_parser.hpp>

namespace server {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::string_view;

std::string text(string_view v) {
    return std::string(v.data(), v.size());
}

// Beast's grammar, our storage: fields go straight into http::Request, without Beast's own field container in between.
class HeadParser final : public beast_http::basic_parser<true> {
  public:
    HeadParser(RequestHead& out, std::size_t max_fields) : out_(out), max_fields_(max_fields) {
        eager(false);
        // The connection checks Content-Length itself. Not boost::none: Beast 1.74 takes that as a limit of nothing.
        body_limit(std::numeric_limits<std::uint64_t>::max());
        out_.request.headers.reserve(12);
    }
    bool too_many_fields() const { return too_many_fields_; }

  private:
    using error_code = boost::beast::error_code;
    void on_request_impl(beast_http::verb, string_view method, string_view target, int version, error_code&) override {
        out_.request.method = text(method);
        out_.request.target = text(target);
        out_.http_1_0 = version < 11;
    }
    void on_field_impl(beast_http::field, string_view name, string_view value, error_code& ec) override {
        if (out_.request.headers.size() == max_fields_) {
            too_many_fields_ = true;
            ec = beast_http::error::header_limit;
            return;
        }
        out_.request.headers.emplace_back(text(name), text(value));
    }
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override { return body.size(); }
    void on_finish_impl(error_code&) override {}

    RequestHead& out_;
    std::size_t max_fields_;
    bool too_many_fields_ = false;
};

// Fields whose second appearance would let a proxy and kedge read two different requests.
constexpr std::array<std::string_view, 6> kSingle{"Host",           "Authorization",     "Content-Type",
                                                  "Content-Length", "Transfer-Encoding", "X-Request-Id"};

std::optional<Refused> check_fields(RequestHead& head) {
    std::array<int, kSingle.size()> seen{};
    for (const auto& [name, value] : head.request.headers) {
        for (std::size_t i = 0; i < kSingle.size(); ++i) {
            if (!http::equal_ignoring_case(name, kSingle[i])) continue;
            if (++seen[i] > 1) return Refused{400, "structure", "the field " + std::string(kSingle[i]) + " stands twice in the header"};
            if (i == 4 && !http::equal_ignoring_case(http::trimmed(value), "chunked")) {
                return Refused{501, "not-supported", "the only transfer coding understood is chunked"};
            }
            if (i == 5 && is_request_id(value)) head.request.request_id = value;
        }
        if (http::equal_ignoring_case(name, "Expect")) {
            if (!http::equal_ignoring_case(value, "100-continue"))
                return Refused{417, "not-supported", "the only expectation understood is 100-continue"};
            head.expects_continue = !head.http_1_0;
        }
    }
    if (seen[0] == 0 && !head.http_1_0) return Refused{400, "structure", "HTTP/1.1 asks for a Host field"};
    if (head.http_1_0 && head.chunked) return Refused{400, "structure", "HTTP/1.0 knows no chunked body"};
    return std::nullopt;
}

// Absolute-form becomes origin-form (RFC 9112 section 3.2.2 makes servers take both).
std::optional<Refused> split_target(http::Request& request) {
    auto& target = request.target;
    if (target != "*" && target.front() != '/') {
        const auto scheme = target.find("://");
        if (scheme == std::string::npos) return Refused{400, "structure", "the request target must begin with /"};
        const auto path = target.find_first_of("/?", scheme + 3);
        target = path == std::string::npos ? "/" : (target[path] == '?' ? "/" : "") + target.substr(path);
    }
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string::npos) request.query = target.substr(question + 1);
    return std::nullopt;
}

}  // namespace

std::size_t head_end(std::string_view bytes, std::size_t from) {
    std::size_t start = 0;
    while (bytes.substr(start, 2) == "\r\n") start += 2;
    const auto found = bytes.find("\r\n\r\n", std::max(start, from));
    return found == std::string_view::npos ? 0 : found + 4;
}

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    });
}

RequestHead parse_head(std::string_view head, const Limits& limits) {
    RequestHead out;
    while (head.substr(0, 2) == "\r\n") head.remove_prefix(2);
    HeadParser parser(out, limits.header_fields);
    parser.header_limit(static_cast<std::uint32_t>(head.size() + 1));  // the connection has measured it already
    boost::beast::error_code ec;
    std::size_t used = 0;
    // With eager(false) one put() ends behind the request line or behind the fields, so it takes at most two.
    while (!ec && !parser.is_header_done() && used < head.size()) used += parser.put({head.data() + used, head.size() - used}, ec);
    if (parser.too_many_fields()) {
        out.refused =
            Refused{431, "too-long", "more than " + std::to_string(limits.header_fields) + " header fields (limit header_fields)"};
    } else if (ec || !parser.is_header_done() || used != head.size()) {
        out.refused =
            Refused{400, "structure", "malformed HTTP request: " + (ec ? ec.message() : std::string("the header is not complete"))};
    } else {
        out.chunked = parser.chunked();
        out.content_length = parser.content_length().value_or(0);
        out.keep_alive = parser.keep_alive();
        out.refused = check_fields(out);
        if (!out.refused) out.refused = split_target(out.request);
    }
    return out;
}

}  // namespace server
