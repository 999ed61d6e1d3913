// kedge token: signs a development token with the data directory's own issuer, and prints it alone.
#include <cstdio>

#include "fhir/server/commands.hpp"
#include "fhir/server/config.hpp"
#include "fhir/server/instance.hpp"
#include "fhir/server/say.hpp"
#include "fhir/server/words.hpp"

namespace server {

int run(const TokenOptions& options) {
    const auto config = load_config(options.config_path, options.overrides);
    if (!config) return say_error(config.error(), 2);
    const base::SystemClock clock;
    const auto keys = store::KeyRing::open(keys_dir(config->data_dir), clock);
    if (!keys) return say_error(keys.error());
    const auto issuer = make_issuer(**keys, clock);
    if (!issuer) return say_error(issuer.error());
    const auto role = auth::parse_role(options.role);
    if (!role) return say_error(role.error(), 2);
    auth::TokenRequest request;
    request.role = *role;
    request.subject = options.subject.empty() ? "Device/local-" + options.role : options.subject;
    request.organization = options.organization;
    request.purposes = words(options.purpose);
    request.scoped = !options.scope.empty();
    request.scopes = words(options.scope);
    request.ttl_s = options.ttl_s;
    const auto token = issuer->issue(request);
    if (!token) return say_error(token.error(), 2);
    std::printf("%s\n", token->c_str());
    return 0;
}

}  // namespace server
