// kedge contracts deploy: the two contracts onto a chain, and their addresses where serve looks for them.
#include <cstdio>

#include "anchoring/ledger/deploy.hpp"
#include "anchoring/ethereum/rpc_values.hpp"
#include "fhir/server/chain.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/instance.hpp"
#include "fhir/server/say.hpp"

namespace server {
namespace {

base::Result<ethereum::Signer> deployer(const Config& config) {
    if (!config.chain.keystore.empty()) return relayer_signer(config.chain, {});
    const base::SystemClock clock;
    const auto keys = store::KeyRing::open(keys_dir(config.data_dir), clock);
    if (!keys) return base::pass(keys);
    return relayer_signer(config.chain, (*keys)->derived("relayer").view());
}

}  // namespace

int run(const ContractsOptions& options) {
    const auto config = load_config(options.config_path, options.overrides);
    if (!config) return say_error(config.error(), 2);
    const auto path = options.out.empty() ? chain_file(*config) : options.out;
    if (const auto known = read_chain_file(path)) {
        return say_error({base::Kind::conflict, path + " names contracts already (on chain id " + std::to_string(known->chain_id) + "); move it away to deploy others", {}, {}});
    }
    auto rpc = rpc_options(*config, options.rpc);
    if (!rpc) return say_error(rpc.error(), 2);
    const auto client = ethereum::RpcClient::open(*rpc);
    if (!client) return say_error(client.error(), 2);
    const auto answered = (*client)->call("eth_chainId", {});
    if (!answered) return say_error(answered.error());
    const auto chain_id = ethereum::as_quantity(*answered, "eth_chainId");
    if (!chain_id) return say_error(chain_id.error());
    const auto signer = deployer(*config);
    if (!signer) return say_error(signer.error());
    say("deploying on chain id " + std::to_string(*chain_id) + " from " + ethereum::to_text(signer->address()));
    const auto made = ledger::deploy(**client, *signer, {.chain_id = *chain_id});
    if (!made) return say_error(made.error());
    const ChainFile file{*chain_id, made->contracts, std::min(made->consent_ledger.block_number, made->audit_anchor.block_number)};
    if (auto written = write_chain_file(path, file); !written) return say_error(written.error());
    std::printf("ConsentLedger %s\nAuditAnchor   %s\n", ethereum::to_text(made->contracts.consent_ledger).c_str(), ethereum::to_text(made->contracts.audit_anchor).c_str());
    say("gas used: " + std::to_string(made->consent_ledger.gas_used + made->audit_anchor.gas_used) + "; written to " + path + "; now: kedge serve --data " + config->data_dir + " --ledger " + options.rpc);
    return 0;
}

}  // namespace server
