// kedge revoke: a token counts no more.
#include "fhir/server/commands.hpp"
#include "fhir/server/control.hpp"
#include "fhir/server/input.hpp"
#include "fhir/server/operator_commands.hpp"
#include "fhir/server/say.hpp"

namespace server {
namespace {

constexpr std::size_t kMostBytes = auth::kMaxTokenBytes + 1;  // and the line's end

// A token on the command line can be read by everyone on the machine (ps), so it may come by stdin.
base::Result<std::string> token_of(const RevokeOptions& options) {
    if (options.token != "-") return options.token;
    auto text = read_input("-", kMostBytes);
    if (!text) return text;
    text->erase(text->find_last_not_of(" \r\n") + 1);
    return text;
}

}  // namespace

int run(const RevokeOptions& options) {
    const auto token = token_of(options);
    if (!token) return say_error(token.error());
    json::Object arguments;
    arguments.set("token", *token);
    const auto told = control(options.data_dir, "revoke", std::move(arguments));
    if (told) return say(*told), 0;
    if (told.error().kind != base::Kind::not_found) return say_error(told.error());
    InstanceOptions open;
    open.data_dir = options.data_dir;
    open.offline = true;
    auto instance = Instance::open(open);
    if (!instance) return say_error(instance.error());
    const auto done = revoke_token(**instance, *token);
    if (!done) return say_error(done.error());
    say(*done);
    const auto drained = (*instance)->drain();
    return drained ? 0 : say_error(drained.error());
}

}  // namespace server
