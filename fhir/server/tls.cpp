#include "fhir/server/tls.hpp"

#include <boost/asio/ssl/context.hpp>

namespace server {
namespace {

namespace ssl = boost::asio::ssl;

// Clients that offer ALPN at all must offer http/1.1: answering h2 with HTTP/1.1 bytes would only confuse them.
int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size, void*) {
    static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11, in, in_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

bool harden(SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // An idle connection gives its 34 KiB of record buffers back.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(context, choose_alpn, nullptr);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

}  // namespace

base::Result<std::shared_ptr<ssl::context>> make_tls_context(const TlsFiles& files) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    if (!harden(context->native_handle())) return base::fail(base::Kind::fault, "OpenSSL refuses TLS 1.2 or its ciphers");
    boost::system::error_code ec;
    context->use_certificate_chain_file(files.certificate_chain, ec);
    if (ec)
        return base::fail(base::Kind::invalid, "the TLS certificate chain " + files.certificate_chain + " cannot be used: " + ec.message());
    // OpenSSL's own way is to ask on the terminal, where nobody sits who could answer.
    const auto asked = std::make_shared<bool>(false);
    context->set_password_callback([asked](std::size_t, ssl::context::password_purpose) { return *asked = true, std::string(); });
    context->use_private_key_file(files.private_key, ssl::context::pem, ec);
    if (*asked) {
        return base::fail(base::Kind::invalid, "the TLS private key " + files.private_key +
                                                   " is locked by a password, which a server cannot be asked for: keep it without one (openssl pkey -in KEY -out NEW), readable by the server alone");
    }
    if (ec) return base::fail(base::Kind::invalid, "the TLS private key " + files.private_key + " cannot be used: " + ec.message());
    if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
        return base::fail(base::Kind::invalid,
                          "the TLS private key " + files.private_key + " does not belong to the certificate " + files.certificate_chain);
    }
    return context;
}

}  // namespace server
