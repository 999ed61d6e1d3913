// kedge keys init | rotate | erase.
#include "fhir/server/commands.hpp"
#include "fhir/server/control.hpp"
#include "fhir/server/operator_commands.hpp"
#include "fhir/server/say.hpp"

namespace server {
namespace {

int init(const KeysOptions& options) {
    const base::SystemClock clock;
    if (auto made = store::KeyRing::init(keys_dir(options.data_dir), clock); !made) return say_error(made.error());
    say("keys made in " + options.data_dir + "; keep root.key apart from your backups: with both, everything opens");
    return 0;
}

int rotate(const KeysOptions& options) {
    const base::SystemClock clock;
    if (auto done = store::KeyRing::rotate(keys_dir(options.data_dir), clock); !done) return say_error(done.error());
    say("root key and tenant key are new; what patients' keys sealed is untouched");
    say("copy root.key again now; keep the old one for the backups made before");
    return 0;
}

// A running server must do it itself, for it holds opened keys; without one the directory is opened here.
int erase(const KeysOptions& options) {
    json::Object arguments;
    arguments.set("patient", options.patient);
    arguments.set("auditKey", options.also_audit_key);
    const auto told = control(options.data_dir, "erase", std::move(arguments));
    if (told) return say(*told), 0;
    if (told.error().kind != base::Kind::not_found) return say_error(told.error());
    InstanceOptions open;
    open.data_dir = options.data_dir;
    auto instance = Instance::open(open);
    if (!instance) return say_error(instance.error());
    const auto done = erase_patient(**instance, options.patient, options.also_audit_key);
    if (!done) return say_error(done.error());
    say(*done);
    const auto drained = (*instance)->drain();
    return drained ? 0 : say_error(drained.error());
}

}  // namespace

int run(const KeysOptions& options) {
    switch (options.action) {
        case KeysOptions::Action::init: return init(options);
        case KeysOptions::Action::rotate: return rotate(options);
        case KeysOptions::Action::erase: return erase(options);
    }
    return 2;
}

}  // namespace server
