// kedge ledger: asks the running server when there is one, else the directory itself.
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include "anchoring/keystore/keystore.hpp"
#include "fhir/server/chain.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/control.hpp"
#include "fhir/server/migrate.hpp"
#include "fhir/server/operator_ledger.hpp"
#include "fhir/server/say.hpp"
#include "storage/crypto/random.hpp"

namespace server {
namespace {

using Action = LedgerOptions::Action;

const char* control_word(Action action) {
    switch (action) {
        case Action::resend: return "ledger-resend";
        case Action::pause: return "ledger-pause";
        case Action::resume: return "ledger-resume";
        case Action::export_anchors: return "ledger-export";
        default: return "ledger-status";
    }
}

base::Result<std::string> ask(Action action, Instance& instance, const std::string& why) {
    switch (action) {
        case Action::resend: return ledger_resend(instance);
        case Action::pause: return ledger_pause(instance, why);
        case Action::resume: return ledger_resume(instance, false);
        case Action::export_anchors: return instance.anchorer->export_lines();
        default: return ledger_status(instance);
    }
}

base::Result<std::string> of_directory(const LedgerOptions& asked, const Config& config) {
    auto options = instance_options(config);
    if (!options) return base::pass(options);
    options->offline = true;
    auto instance = Instance::open(*options);
    if (!instance) return base::pass(instance);
    auto out = ask(asked.action, **instance, asked.why);
    if (auto drained = (*instance)->drain(); !drained) return base::pass(drained);
    return out;
}

int new_key(const LedgerOptions& options, const Config& config) {
    const auto phrase = keyfile_passphrase(config.chain);
    if (!phrase) return say_error(phrase.error());
    const auto secret = crypto::random_key();
    const auto text = keystore::write(secret.view(), *phrase);
    if (!text) return say_error(text.error());
    // Made with its rights from the start, and never over another file.
    const int file = ::open(options.out.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return say_error({base::Kind::conflict, options.out + " cannot be made; it must be a new file in a directory you may write", {}, {}});
    const bool whole = ::write(file, text->data(), text->size()) == static_cast<ssize_t>(text->size()) && ::fsync(file) == 0;
    ::close(file);
    if (!whole) return say_error({base::Kind::fault, options.out + " could not be written whole", {}, {}});
    const auto signer = ethereum::Signer::from_secret(secret.view());
    if (!signer) return say_error(signer.error());
    std::printf("%s\n", ethereum::to_text(signer->address()).c_str());
    say("key file made; send ether to that address, and name the file with --chain-keystore");
    return 0;
}

}  // namespace

int run(const LedgerOptions& options) {
    const auto config = load_config(options.config_path, options.overrides);
    if (!config) return say_error(config.error(), 2);
    if (options.action == Action::new_key) return new_key(options, *config);
    if (options.action == Action::migrate) return migrate(*config, options.wait_s);
    json::Object arguments;
    if (options.action == Action::pause) arguments.set("why", options.why);
    auto told = control(config->data_dir, control_word(options.action), std::move(arguments));
    if (!told && told.error().kind == base::Kind::not_found) told = of_directory(options, *config);
    if (!told) return say_error(told.error());
    std::printf("%s%s", told->c_str(), told->empty() || told->back() == '\n' ? "" : "\n");
    return 0;
}

}  // namespace server
