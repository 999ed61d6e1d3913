// kedge keys init | rotate | erase.
#include "fhir/server/commands.hpp"
#include "fhir/server/control.hpp"
#include "fhir/server/operator_commands.hpp"
#include "fhir/server/say.hpp"
#include "storage/store/files.hpp"

namespace server {
namespace {

int init(const KeysOptions& options) {
    const base::SystemClock clock;
    if (auto made = store::KeyRing::init(keys_dir(options.data_dir), clock); !made) return say_error(made.error());
    say("keys made in " + options.data_dir + "; keep root.key apart from your backups: with both, everything opens");
    return 0;
}

// A server holds keys.db open and its keys in memory: it would go on with those, and what it seals with them would be lost.
int rotate(const KeysOptions& options) {
    const base::SystemClock clock;
    if (auto there = store::KeyRing::open(keys_dir(options.data_dir), clock); !there) return say_error(there.error());
    const auto alone = store::files::Lock::take(options.data_dir + "/lock", store::files::Lock::Wait::no);
    if (!alone) return say_error({alone.error().kind, "stop the server on " + options.data_dir + " before its keys are rotated: " + alone.error().diagnostics, {}, {}});
    auto keys = store::KeyRing::open(keys_dir(options.data_dir), clock);
    if (!keys) return say_error(keys.error());
    if (auto done = (*keys)->rotate_tenant_key(); !done) return say_error(done.error());
    if (auto done = (*keys)->rotate_root_key(); !done) return say_error(done.error());
    say("root key and tenant key are new; what patients' keys sealed is untouched. Copy root.key again now, and keep the old one: a backup opens with the root.key it was made with");
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
    open.offline = true;  // an erasure asks nothing of the ledger, which may be a chain that is not named here
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
