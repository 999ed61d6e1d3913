// The server's side of TLS: 1.2 and 1.3, forward secrecy, AEAD ciphers only.
#pragma once

#include "storage/base/error.hpp"

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace server {

struct TlsFiles {
    std::string certificate_chain;  // PEM: the server's certificate first, then the intermediates
    std::string private_key;        // PEM, not encrypted; readable by the service's user alone
};

// Error: Kind::invalid when a file is missing, does not parse, or the key does not belong to the certificate; the
// diagnostics name the file.
base::Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsFiles& files);

}  // namespace server
