#include "fhir/server/cli.hpp"

#include "anchoring/outbox/pause.hpp"
#include "fhir/auth/issuer.hpp"
#include "fhir/server/config.hpp"
#include "fhir/server/settings.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <CLI/CLI.hpp>

namespace server {
namespace {

// The parser and the options it fills; one per call, so that nothing is left over from an earlier one.
class Parser {
  public:
    Parser() {
        app_.require_subcommand(1);
        app_.set_version_flag("--version", "kedge " KEDGE_VERSION);
        app_.failure_message(CLI::FailureMessage::simple);
        add_serve();
        add_token();
        add_load();
        add_demo();
        add_upkeep();
        add_keys();
        add_revoke();
        add_backup();
        add_contracts();
        add_ledger();
        add_validate();
        add_convert();
        add_patch();
        add_fhirpath();
    }

    std::variant<Usage, Command> parse(std::vector<std::string> arguments) {
        std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
        try {
            app_.parse(std::move(arguments));
        } catch (const CLI::ParseError& e) {
            std::ostringstream out;
            std::ostringstream err;
            const bool asked = app_.exit(e, out, err) == 0;
            return Usage{asked ? 0 : 2, asked ? out.str() : "kedge: " + err.str()};
        }
        if (!refusal_.empty()) return Usage{2, "kedge: " + refusal_ + "\n"};
        return command_;
    }

    std::vector<FlagHelp> flags() const {
        std::vector<FlagHelp> out;
        collect(app_, "", out);
        return out;
    }

  private:
    static void collect(const CLI::App& app, const std::string& path, std::vector<FlagHelp>& out) {
        for (const auto* option : app.get_options()) {
            out.push_back({path, option->get_name(), option->get_description(), option->get_default_str()});
        }
        for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
            collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), out);
        }
    }

    CLI::App* command(const std::string& name, const std::string& help, CLI::App* parent = nullptr) {
        return (parent ? parent : &app_)->add_subcommand(name, help);
    }
    static CLI::Option* option(CLI::App* sub, const std::string& flag, std::string& field, const std::string& help) {
        return sub->add_option(flag, field, help)->capture_default_str();
    }
    static CLI::Option* data_option(CLI::App* sub, std::string& field) {
        field = Config().data_dir;
        return option(sub, "--data", field, "directory of the store, the audit log and the keys");
    }
    void setting_option(CLI::App* sub, const Setting& setting, Overrides& overrides) {
        const auto apply = [&setting, &overrides](const std::string& value) {
            Config scratch;  // alone it must be in its range already; together they are checked with the file
            if (const auto set = setting.set(scratch, value); !set) throw CLI::ValidationError(setting.flag(), set.error().diagnostics);
            overrides.emplace_back(setting.key, value);
        };
        const std::string help(setting.help);
        if (setting.is_flag()) {
            sub->add_flag_function(
                   setting.flag(), [apply](std::int64_t count) { apply(count > 0 ? "true" : "false"); }, help)
                ->default_str(setting.default_text());
        } else {
            sub->add_option_function<std::string>(setting.flag(), apply, help)
                ->default_str(setting.default_text())
                ->type_name(setting.words.empty() ? "VALUE" : "WORD");
        }
    }

    void add_serve() {
        auto* sub = command("serve", "serve FHIR R4 over HTTP until SIGTERM");
        option(sub, "--config", serve_.config_path, "TOML file; flags override it");
        for (const auto& setting : settings()) setting_option(sub, setting, serve_.overrides);
        sub->final_callback([this] {
            if (serve_.config_path.empty()) {
                if (const auto config = load_config("", serve_.overrides); !config) refusal_ = config.error().diagnostics;
            }
            command_ = serve_;
        });
    }

    void add_token() {
        auto* sub = command("token", "sign a development token with the server's local issuer; prints it alone on stdout");
        option(sub, "--config", token_.config_path, "TOML file of the server");
        for (const auto* key : {"data", "base_url", "listen"}) setting_option(sub, *find_setting(key), token_.overrides);
        option(sub, "--role", token_.role, "who asks")
            ->required()
            ->check(CLI::IsMember({"patient", "practitioner", "system", "auditor", "admin"}));
        option(sub, "--subject", token_.subject, "the caller's own resource: Patient/1, Practitioner/7");
        option(sub, "--organization", token_.organization, "whom the caller works for: Organization/1");
        token_.purpose = "TREAT";
        option(sub, "--purpose", token_.purpose, "purpose of use, a v3-PurposeOfUse code");
        option(sub, "--scope", token_.scope, "SMART scopes, separated by spaces; empty: what the role has by default");
        option(sub, "--ttl", ttl_, "how long it is valid: 90s, 15m, 12h; a day at most");
        sub->final_callback([this] {
            command_ = token_;
            refusal_ = check_token();
        });
    }
    std::string check_token() {
        const auto ttl = parse_duration_s(ttl_, auth::kMaxTtlSeconds);
        if (!ttl) return "--ttl: " + ttl.error().diagnostics;
        token_.ttl_s = *ttl;
        command_ = token_;
        const bool person = token_.role == "patient" || token_.role == "practitioner";
        const std::string type = token_.role == "patient" ? "Patient" : token_.role == "practitioner" ? "Practitioner" : "";
        if (person && token_.subject.empty()) return "--role " + token_.role + " needs --subject " + type + "/ID";
        if (!token_.subject.empty() && !is_reference(token_.subject, type))
            return "--subject must read " + (type.empty() ? "Type" : type) + "/ID";
        if (!token_.organization.empty() && !is_reference(token_.organization, "Organization"))
            return "--organization must read Organization/ID";
        return {};
    }

    void add_load() {
        auto* sub = command("load", "send bundles and resources to a FHIR server; resumable, with a report of what was refused");
        sub->add_option("inputs", load_.inputs, "files (.json, .ndjson), directories, or - for NDJSON on stdin")
            ->required()
            ->type_name("FILE|DIR|-");
        option(sub, "--url", load_.url, "the server's FHIR endpoint, for example http://127.0.0.1:8080/fhir")->required();
        option(sub, "--token", load_.token, "bearer token")->envname("KEDGE_TOKEN");
        option(sub, "--ca", load_.ca_file, "PEM file of the authority that signed the server's certificate; empty: the system's");
        sub->add_option("--concurrency", load_.concurrency, "connections in parallel")->capture_default_str()->check(CLI::Range(1, 256));
        option(sub, "--journal", load_.journal, "file that records what was acknowledged, so that a second run goes on from there");
        option(sub, "--report", load_.report, "file for what was refused, as JSON lines; empty: stderr");
        sub->add_option("--retries", load_.retries, "of a request answered 429 or 503 or whose connection broke")
            ->capture_default_str()
            ->check(CLI::Range(0, 100));
        sub->add_option("--timeout", load_.timeout_s, "s to wait for one answer")->capture_default_str()->check(CLI::Range(1, 3600));
        sub->final_callback([this] {
            while (!load_.url.empty() && load_.url.back() == '/') load_.url.pop_back();
            if (load_.url.rfind("http://", 0) != 0 && load_.url.rfind("https://", 0) != 0)
                refusal_ = "--url must begin with http:// or https://";
            const bool has_stdin = std::find(load_.inputs.begin(), load_.inputs.end(), "-") != load_.inputs.end();
            if (has_stdin && load_.inputs.size() > 1) refusal_ = "- (stdin) stands alone, without files";
            if (has_stdin && !load_.journal.empty()) refusal_ = "stdin cannot be resumed: leave --journal out, or load from a file";
            command_ = load_;
        });
    }

    void add_demo() {
        auto* sub = command("demo", "write a made-up population as FHIR bundles; the same seed gives the same bytes");
        sub->add_option("--patients", demo_.patients, "how many")->capture_default_str()->check(CLI::Range(1, 1'000'000));
        sub->add_option("--seed", demo_.seed, "which population")->capture_default_str();
        option(sub, "--out", demo_.out, "directory for one file per bundle, or - for NDJSON on stdout");
        sub->final_callback([this] { command_ = demo_; });
    }

    void add_upkeep() {
        auto* fsck = command("fsck", "check the store and the audit chain; changes nothing");
        data_option(fsck, fsck_.data_dir);
        fsck->final_callback([this] { command_ = fsck_; });
        auto* reindex = command("reindex", "build the search index again from the records");
        data_option(reindex, reindex_.data_dir);
        reindex->final_callback([this] { command_ = reindex_; });
    }

    void add_keys() {
        auto* keys = command("keys", "make, change and destroy keys");
        keys->require_subcommand(1);
        const auto add = [&](const char* name, const char* help, KeysOptions::Action action) {
            auto* sub = command(name, help, keys);
            data_option(sub, keys_.data_dir);
            sub->final_callback([this, action] {
                keys_.action = action;
                if (action == KeysOptions::Action::erase && !is_reference(keys_.patient, "Patient"))
                    refusal_ = "--patient must read Patient/ID";
                command_ = keys_;
            });
            return sub;
        };
        add("init", "make the root key of a new data directory", KeysOptions::Action::init);
        add("rotate", "make a new root.key and a new version of the tenant's key, and wrap all patients' keys with it; the server must be stopped, and root.key copied again", KeysOptions::Action::rotate);
        auto* erase = add("erase", "destroy a patient's keys: every version becomes unreadable for good, proofs still verify",
                          KeysOptions::Action::erase);
        option(erase, "--patient", keys_.patient, "whose: Patient/1")->required();
        erase->add_flag("--audit-key", keys_.also_audit_key, "also what the audit trail said of the patient; its proofs still verify");
        erase->add_flag("--yes", sure_, "it cannot be undone: say so")->required();
    }

    void add_revoke() {
        auto* sub = command("revoke", "refuse a token from now on, also after a restart; while the server runs or not");
        data_option(sub, revoke_.data_dir);
        sub->add_option("token", revoke_.token, "the token, its id (jti; the trail says it as urn:oauth:jti:ID), or - for one of them on stdin")->required()->type_name("TOKEN|ID|-");
        sub->final_callback([this] { command_ = revoke_; });
    }

    void add_backup() {
        auto* backup = command("backup", "copy the data directory consistently while the server runs");
        data_option(backup, backup_.data_dir);
        option(backup, "--to", backup_.to, "directory that does not exist or is empty")->required();
        backup->final_callback([this] { command_ = backup_; });
        auto* restore = command("restore", "make a data directory from a backup, and check it");
        option(restore, "--from", restore_.from, "directory that kedge backup wrote")->required();
        option(restore, "--root-key", restore_.root_key, "the root.key that the data directory had when it was backed up; a backup does not hold it")->required();
        data_option(restore, restore_.data_dir);
        restore->final_callback([this] { command_ = restore_; });
    }

    // The flags of serve that say which directory, which ledger and how to reach it.
    void chain_options(CLI::App* sub, std::string& config_path, Overrides& overrides, bool with_ledger) {
        option(sub, "--config", config_path, "TOML file of the server");
        for (const auto& setting : settings()) {
            const bool wanted = setting.key == "data" || setting.key.starts_with("chain.") || (with_ledger && setting.key == "ledger");
            if (wanted) setting_option(sub, setting, overrides);
        }
    }

    void add_contracts() {
        auto* contracts = command("contracts", "the two contracts on an EVM chain");
        contracts->require_subcommand(1);
        auto* deploy = command("deploy", "put ConsentLedger and AuditAnchor on the chain, and write down where they are", contracts);
        chain_options(deploy, contracts_.config_path, contracts_.overrides, false);
        option(deploy, "--rpc", contracts_.rpc, "JSON-RPC URL of the node, for example http://127.0.0.1:8545")->required();
        option(deploy, "--out", contracts_.out, "file for chain and addresses; empty: where serve looks, contracts.json in the data directory");
        deploy->final_callback([this] { command_ = contracts_; });
    }

    void add_ledger() {
        auto* ledger = command("ledger", "look after the ledger that consents and anchors are written to");
        ledger->require_subcommand(1);
        const auto add = [&](const char* name, const char* help, LedgerOptions::Action action) {
            auto* sub = command(name, help, ledger);
            chain_options(sub, ledger_.config_path, ledger_.overrides, action != LedgerOptions::Action::new_key);
            sub->final_callback([this, action] {
                ledger_.action = action;
                if (const auto good = outbox::check_why(ledger_.why); !good) refusal_ = "--why: " + good.error().diagnostics;
                command_ = ledger_;
            });
            return sub;
        };
        add("status", "head, finality, relayer and its balance, what waits, the last anchor", LedgerOptions::Action::status);
        add("resend", "give the node again what waits, now", LedgerOptions::Action::resend);
        auto* pause = add("pause", "send nothing to the ledger until resume, also after a restart: grants wait, revocations count at once", LedgerOptions::Action::pause);
        option(pause, "--why", ledger_.why, "one line for the log, kedge ledger status and the audit chain; not shown to others");
        add("resume", "send what waits since pause, and go on", LedgerOptions::Action::resume);
        add("export", "the anchors as JSON lines, for kedge-verify --anchors", LedgerOptions::Action::export_anchors);
        auto* migrate = add("migrate", "grant on --ledger what is granted on the ledger used before, and anchor there; the server must not run",
                            LedgerOptions::Action::migrate);
        migrate->add_option("--wait", ledger_.wait_s, "s to wait for final blocks")->capture_default_str()->check(CLI::Range(0, 86'400));
        auto* key = add("new-key", "make a V3 key file for the relayer, and show its address", LedgerOptions::Action::new_key);
        option(key, "--out", ledger_.out, "the file to make; it must not be there")->required();
    }

    void add_fhirpath() {
        auto* sub = command("fhirpath", "evaluate a FHIRPath expression on a resource; prints one JSON value a line");
        sub->add_option("expression", fhirpath_.expression, "for example \"Patient.name.where(use = 'official').given\"")->required()->type_name("EXPR");
        sub->add_option("file", fhirpath_.file, "a resource as JSON or XML, or - for stdin")->required()->type_name("FILE");
        sub->add_flag("--lenient", fhirpath_.lenient, "an element that R4 does not define gives nothing, in place of an error");
        sub->add_flag("--batch", fhirpath_.batch, "EXPR is a file with an expression on each line (- for stdin); each gives one line, a JSON array or {\"error\": ...}");
        sub->final_callback([this] { command_ = fhirpath_; });
    }

    void add_validate() {
        auto* sub = command("validate", "check resources against R4 and known profiles, offline; exit 1 on any error");
        sub->add_option("files", validate_.files, "files with one resource each, JSON or XML")->required()->type_name("FILE");
        sub->add_option("--package", validate_.packages, "FHIR package (.tgz) whose profiles and terminology are known; may be given several times")->allow_extra_args(false)->delimiter(',');
        sub->add_option("--profile", validate_.profiles, "URL of a profile that each file must meet too; may be given several times")->allow_extra_args(false);
        sub->add_flag("--text", validate_.text, "a line per issue for people, in place of an OperationOutcome as JSON");
        sub->final_callback([this] { command_ = validate_; });
    }

    void add_convert() {
        auto* sub = command("convert", "turn a FHIR resource from JSON into XML or back, on stdout");
        option(sub, "--to", convert_.to, "the form to write")->required()->check(CLI::IsMember({"xml", "json"}));
        sub->add_flag("--pretty", convert_.pretty, "with line ends and indent, for people");
        sub->add_option("file", convert_.file, "a resource as JSON or XML, or - for stdin")->required()->type_name("FILE|-");
        sub->final_callback([this] { command_ = convert_; });
    }

    void add_patch() {
        auto* sub = command("patch", "apply a JSON Patch, FHIRPath Patch or XML Patch to a resource; prints it in the form it had");
        sub->add_option("patch", patch_.patch, "the patch, of any form, or - for stdin")->required()->type_name("PATCHFILE|-");
        sub->add_option("file", patch_.file, "a resource as JSON or XML, or - for stdin")->required()->type_name("FILE|-");
        sub->add_flag("--pretty", patch_.pretty, "with line ends and indent, for people");
        sub->final_callback([this] { command_ = patch_; });
    }

    CLI::App app_{"kedge: an HL7 FHIR R4 server where every access leaves proof", "kedge"};
    ServeOptions serve_;
    TokenOptions token_;
    LoadOptions load_;
    DemoOptions demo_;
    FsckOptions fsck_;
    ReindexOptions reindex_;
    KeysOptions keys_;
    RevokeOptions revoke_;
    BackupOptions backup_;
    RestoreOptions restore_;
    ContractsOptions contracts_;
    LedgerOptions ledger_;
    ValidateOptions validate_;
    ConvertOptions convert_;
    PatchOptions patch_;
    FhirpathOptions fhirpath_;
    std::string ttl_ = "1h";
    bool sure_ = false;
    Command command_;
    std::string refusal_;
};

}  // namespace

namespace {

// An expression may begin with a sign: kedge fhirpath "-name.count()" FILE. What is no flag of the command is put behind "--".
void shield_expression(std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments.front() != "fhirpath" || std::find(arguments.begin(), arguments.end(), "--") != arguments.end()) return;
    const auto is_flag = [](const std::string& word) { return word == "--lenient" || word == "--batch" || word == "--help" || word == "-h"; };
    const auto rest = std::stable_partition(arguments.begin() + 1, arguments.end(), is_flag);
    if (rest != arguments.end()) arguments.insert(rest, "--");
}

}  // namespace

std::variant<Usage, Command> parse_command_line(std::vector<std::string> arguments) {
    shield_expression(arguments);
    return Parser().parse(std::move(arguments));
}

std::vector<FlagHelp> all_flags() {
    return Parser().flags();
}

base::Result<std::int64_t> parse_duration_s(std::string_view text, std::int64_t most_s) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const std::int64_t factor = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86'400 : 0;
    if (error != std::errc() || factor == 0 || number < 1 || number > most_s / factor) {
        return base::fail(base::Kind::invalid, "a duration reads 90s, 15m, 12h or 1d, and is from 1 to " + std::to_string(most_s) + " seconds here");
    }
    return number * factor;
}

bool is_reference(std::string_view text, std::string_view type) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0) return false;
    const auto name = text.substr(0, slash);
    const auto id = text.substr(slash + 1);
    const auto alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    if (!type.empty() ? name != type : !std::all_of(name.begin(), name.end(), alnum)) return false;
    // R4 datatypes.html#id: [A-Za-z0-9\-\.]{1,64}
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [&](char c) { return alnum(c) || c == '-' || c == '.'; });
}

}  // namespace server
