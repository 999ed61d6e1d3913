// What each command needs, parsed and checked as far as that goes without opening a file. The functions that carry the
// commands out return the exit code: 0 done, 1 failed, 2 wrong usage; they write what they have to say on stderr.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace server {

// Settings given as flags: key and value, as server::set() takes them.
using Overrides = std::vector<std::pair<std::string, std::string>>;

struct ServeOptions {
    std::string config_path;  // empty: none
    Overrides overrides;      // load_config(config_path, overrides) makes the Config
};

struct TokenOptions {
    std::string config_path;
    Overrides overrides;       // data and base_url
    std::string role;          // patient, practitioner, system, auditor, admin
    std::string subject;       // Patient/1, Practitioner/7 ...; empty only for system, auditor and admin
    std::string organization;  // Organization/1: who a practitioner or system works for; may be empty
    std::string purpose;       // v3-PurposeOfUse code: TREAT, ETREAT ...
    std::string scope;         // SMART scopes, space-separated; empty: what the role has by default
    std::int64_t ttl_s = 3600;
};

struct LoadOptions {
    std::vector<std::string> inputs;  // files, directories, or "-" alone
    std::string url;                  // of the FHIR endpoint, no slash at the end
    std::string token;                // bearer token; empty: none
    int concurrency = 4;              // connections
    std::string journal;              // path; empty: not resumable
    std::string report;               // path for refused entries as JSON lines; empty: stderr
    std::string ca_file;              // PEM of the authority that signed the server's certificate; empty: the system's
    int retries = 8;                  // of one request that got 503 or 429 or lost its connection
    int timeout_s = 120;              // for one response
};

struct DemoOptions {
    int patients = 10;
    std::uint64_t seed = 1;
    std::string out = "demo";  // directory, or "-": NDJSON of bundles on stdout
};

struct FsckOptions {
    std::string data_dir;
};
struct ReindexOptions {
    std::string data_dir;
};
struct KeysOptions {
    enum class Action { init, rotate, erase };
    Action action = Action::init;
    std::string data_dir;
    std::string patient;  // erase: Patient/1
    bool also_audit_key = false;  // erase: what the trail said of the patient goes too; its proofs stay
};
struct RevokeOptions {
    std::string data_dir;
    std::string token;  // the token, its id (jti), or "-": one of the two on stdin
};
struct BackupOptions {
    std::string data_dir;
    std::string to;  // a directory that does not exist or is empty
};
struct RestoreOptions {
    std::string from;
    std::string root_key;  // file; a backup does not hold it
    std::string data_dir;  // does not exist or is empty
};

struct ContractsOptions {
    std::string config_path;
    Overrides overrides;  // data and the chain's settings
    std::string rpc;      // URL of the node
    std::string out;      // where the addresses go; empty: where serve looks for them
};
struct LedgerOptions {
    enum class Action { status, resend, pause, resume, export_anchors, migrate, new_key };
    Action action = Action::status;
    std::string config_path;
    Overrides overrides;  // data, ledger and the chain's settings
    std::string out;      // new_key: the key file to make
    std::string why;      // pause: for the log, `kedge ledger status` and the audit chain
    int wait_s = 1800;    // migrate: until the chain's blocks are final
};

struct ValidateOptions {
    std::vector<std::string> files;
    std::vector<std::string> packages;  // .tgz files
    std::vector<std::string> profiles;  // URLs
    bool text = false;                  // for people; else one OperationOutcome a line
};

struct ConvertOptions {
    std::string to;    // xml or json
    std::string file;  // path, or "-": stdin; JSON or XML, as its first character says
    bool pretty = false;
};

struct PatchOptions {
    std::string patch;  // path of JSON Patch, FHIRPath Patch or XML Patch, as its content says; "-": stdin
    std::string file;   // path of the resource, JSON or XML; "-": stdin
    bool pretty = false;
};

struct FhirpathOptions {
    std::string expression;
    std::string file;      // - for stdin
    bool lenient = false;  // an element that R4 does not define gives nothing, in place of an error
    bool batch = false;    // `expression` is a file of expressions, one a line
};

using Command = std::variant<ServeOptions, TokenOptions, LoadOptions, DemoOptions, FsckOptions, ReindexOptions, KeysOptions, RevokeOptions, BackupOptions,
                             RestoreOptions, ContractsOptions, LedgerOptions, ValidateOptions, ConvertOptions, PatchOptions, FhirpathOptions>;

int run(const ServeOptions& options);
int run(const TokenOptions& options);
int run(const LoadOptions& options);
int run(const DemoOptions& options);
int run(const FsckOptions& options);
int run(const ReindexOptions& options);
int run(const KeysOptions& options);
int run(const RevokeOptions& options);
int run(const BackupOptions& options);
int run(const RestoreOptions& options);
int run(const ContractsOptions& options);
int run(const LedgerOptions& options);
int run(const ValidateOptions& options);
int run(const ConvertOptions& options);
int run(const PatchOptions& options);
int run(const FhirpathOptions& options);

}  // namespace server
