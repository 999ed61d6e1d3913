// kedge demo: writes the population to files or to stdout.
#include "fhir/server/commands.hpp"
#include "fhir/server/demo/population.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace server {
namespace {

int failed(const std::string& what) {
    std::cerr << "kedge demo: " << what << "\n";
    return 1;
}

bool write_file(const std::filesystem::path& path, const json::Value& bundle) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << json::write(bundle) << "\n";
    return static_cast<bool>(out.flush());
}

int write_lines(const DemoOptions& options) {
    std::cout << json::write(demo::organizations_bundle(options.seed)) << "\n";
    for (int i = 1; i <= options.patients && std::cout; ++i) std::cout << json::write(demo::patient_bundle(options.seed, i)) << "\n";
    return std::cout.flush() ? 0 : failed("cannot write to stdout");
}

}  // namespace

int run(const DemoOptions& options) {
    if (options.out == "-") return write_lines(options);
    const std::filesystem::path dir(options.out);
    std::error_code ec;
    std::filesystem::create_directories(dir, ec);
    if (ec) return failed("cannot make the directory " + options.out + ": " + ec.message());
    // The names keep the order of loading: organisations first (load_plan.hpp), patients by number.
    if (!write_file(dir / "0-organizations.json", demo::organizations_bundle(options.seed)))
        return failed("cannot write in " + options.out);
    for (int i = 1; i <= options.patients; ++i) {
        char name[40];
        std::snprintf(name, sizeof name, "patient-%07d.json", i);
        if (!write_file(dir / name, demo::patient_bundle(options.seed, i)))
            return failed(std::string("cannot write ") + name + ": " + std::strerror(errno));
    }
    std::cerr << "wrote " << options.patients << " patients to " << options.out << "; load them with: kedge load " << options.out
              << " --url URL\n";
    return 0;
}

}  // namespace server
