// From the configuration to what an instance is opened with.
#include "fhir/server/chain.hpp"
#include "fhir/server/instance.hpp"
#include "fhir/server/words.hpp"

namespace server {
namespace {

ledger::EvmOptions::Finality finality_of(const Config::Chain& chain) {
    using Finality = ledger::EvmOptions::Finality;
    return chain.finality == "latest" ? Finality::latest_minus : chain.finality == "safe" ? Finality::safe : Finality::finalized;
}

rest::Validation validation_of(const std::string& word) {
    return word == "off" ? rest::Validation::off : word == "warn" ? rest::Validation::warn : rest::Validation::on;
}

base::Result<ChainOptions> chain_options(const Config& config) {
    const auto file = read_chain_file(chain_file(config));
    if (!file) return base::pass(file);
    auto rpc = rpc_options(config, config.ledger);
    if (!rpc) return base::pass(rpc);
    ChainOptions out;
    out.chain = config.chain;
    out.evm.rpc = std::move(*rpc);
    out.evm.contracts = file->contracts;
    out.evm.chain_id = file->chain_id;
    out.evm.first_block = file->block;
    out.evm.finality = finality_of(config.chain);
    out.evm.confirmations = static_cast<std::uint64_t>(config.chain.confirmations);
    if (!config.chain.witness.empty()) {
        auto witness = rpc_options(config, config.chain.witness);
        if (!witness) return base::pass(witness);
        out.evm.witness = std::move(*witness);
    }
    return out;
}

}  // namespace

base::Result<InstanceOptions> instance_options(const Config& config) {
    InstanceOptions out;
    if (config.ledger != "embedded") {
        auto chain = chain_options(config);
        if (!chain) return base::pass(chain);
        out.chain = std::move(*chain);
    }
    out.data_dir = config.data_dir;
    out.settings.base_url = public_base_url(config);
    out.settings.software_version = KEDGE_VERSION;
    out.settings.page_default = static_cast<std::size_t>(config.page.size_default);
    out.settings.page_max = static_cast<std::size_t>(config.page.size_max);
    out.settings.json.bytes = config.limits.body_bytes;
    out.settings.consent.opt_out = config.consent.default_policy == "opt-out";
    out.settings.consent.author_organization_access = config.consent.author_organization_access;
    out.settings.validation = validation_of(config.validation);
    out.packages = words(config.package);
    out.checkpoint_ms = config.audit.checkpoint_interval_ms;
    out.anchor_interval_s = config.audit.anchor_interval_s;
    out.audit_queue = config.audit.queue_limit;
    return out;
}

}  // namespace server
