#include "anchoring/ethereum/rpc_reply.hpp"

#include "anchoring/ethereum/rpc_values.hpp"

#include <algorithm>
#include <charconv>

namespace ethereum {
namespace {

using base::Kind;

constexpr std::size_t kMostMessage = 300;

// A foreign text for our logs: one line, and not endless.
std::string one_line(std::string_view text) {
    std::string out(text.substr(0, kMostMessage));
    std::replace_if(
        out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return out;
}

std::optional<std::int64_t> as_integer(const json::Value* value) {
    const auto* number = value ? value->if_number() : nullptr;
    if (!number) return std::nullopt;
    std::int64_t out = 0;
    const auto* end = number->text.data() + number->text.size();
    const auto [stopped, wrong] = std::from_chars(number->text.data(), end, out);
    if (wrong != std::errc{} || stopped != end) return std::nullopt;
    return out;
}

}  // namespace

std::string rpc_question(std::uint64_t id, std::string_view method, const json::Array& params) {
    json::Object question;
    question.set("jsonrpc", "2.0");
    question.set("id", json::Value::number(static_cast<std::int64_t>(id)));
    question.set("method", method);
    question.set("params", params);
    return json::write(json::Value(std::move(question)));
}

base::Result<RpcReply> read_rpc_reply(std::string_view text, std::uint64_t id, std::size_t max_bytes) {
    auto parsed = json::parse(text, {.bytes = max_bytes, .depth = 64, .values = 2'000'000});
    if (!parsed) return base::fail(Kind::corrupt, "its answer is no JSON: " + parsed.error().diagnostics);
    if (parsed->text("jsonrpc") != "2.0") return base::fail(Kind::corrupt, "its answer is no JSON-RPC 2.0");
    const auto* error = parsed->find("error");
    const bool failed = error && !error->is_null();  // "error": null beside a result is common, if not in the standard
    const auto* answered = parsed->find("id");
    if (as_integer(answered) != static_cast<std::int64_t>(id)) return base::fail(Kind::corrupt, "its answer is to another question");
    RpcReply reply;
    if (failed) {
        const auto code = as_integer(error->find("code"));
        if (!code) return base::fail(Kind::corrupt, "its error object has no code");
        reply.error = RpcError{*code, one_line(error->text("message")), {}};
        if (const auto* data = error->find("data")) reply.error->data = *data;
        return reply;
    }
    auto* result = parsed->find("result");
    if (!result) return base::fail(Kind::corrupt, "its answer has neither result nor error");
    reply.result = std::move(*result);
    return reply;
}

bool means_later(const RpcError& error) {
    if (error.code == 429) return true;
    // -32005 is also "more than 10000 results", which no waiting mends.
    std::string text = error.message;
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const char* phrase : {"rate limit", "too many requests", "request rate", "request count", "compute units", "header not found"}) {
        if (text.find(phrase) != std::string::npos) return true;
    }
    return false;
}

std::optional<base::Bytes> revert_data(const RpcError& error) {
    const json::Value* at = &error.data;
    for (int depth = 0; at && depth < 3; ++depth) {
        if (const auto* text = at->if_string()) {
            // Parity and Nethermind write "Reverted 0x...".
            const auto hex = text->find("0x");
            if (hex == std::string::npos) return std::nullopt;
            auto bytes = parse_data(std::string_view(*text).substr(hex));
            if (!bytes) return std::nullopt;
            return std::move(*bytes);
        }
        const auto* inner = at->find("data");
        at = inner ? inner : at->find("result");
    }
    return std::nullopt;
}

}  // namespace ethereum
