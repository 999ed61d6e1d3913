// bench_store [RECORDS] [DIR]: what the record store does on this machine, with Synthea resources as the load.
// Reads KEDGE_TEST_DATA (default ../shared/data beside the source). CPU time is told beside the clock's: on a busy machine it is the
// figure to compare.
#include "storage/base/json.hpp"
#include "storage/crypto/random.hpp"
#include "storage/store/store.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <random>
#include <thread>

#include <sys/resource.h>
#include <sys/stat.h>

namespace {

struct Source {
    std::string type, body;
    std::vector<store::IndexEntry> index;  // without references, which depend on the patient
};

[[noreturn]] void stop(const std::string& why) {
    std::fprintf(stderr, "bench_store: %s\n", why.c_str());
    std::exit(1);
}

double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
double cpu_s() {
    struct rusage usage {};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}
class Timer {
  public:
    void tell(const char* what, double count, const char* unit) const {
        const double wall = now_s() - wall_, cpu = cpu_s() - cpu_;
        std::printf("%-44s %10.0f %s/s  %8.1f us each  %8.1f us CPU each\n", what, count / wall, unit, 1e6 * wall / count,
                    1e6 * cpu / count);
        std::fflush(stdout);
    }

  private:
    double wall_ = now_s(), cpu_ = cpu_s();
};

// Roughly what a search parameter extractor makes of a resource: every coding, date and quantity at the top.
void collect(const json::Value& resource, std::vector<store::IndexEntry>& out) {
    using Kind = store::IndexEntry::Kind;
    const auto* const object = resource.if_object();
    for (const auto& [name, value] : *object) {
        const auto* element = &value;
        if (const auto* array = value.if_array(); array != nullptr && !array->empty()) element = &array->front();
        const auto* const codings = element->find("coding");
        const auto* const list = codings != nullptr ? codings->if_array() : nullptr;
        if (list != nullptr) {
            for (const auto& coding : *list) {
                out.push_back({Kind::token, name, std::string(coding.text("system")), std::string(coding.text("code")), false, 0, 0});
            }
        } else if (name == "status" || name == "gender") {
            out.push_back({Kind::token, name, {}, *value.if_string(), false, 0, 0});
        } else if (name == "identifier") {
            out.push_back({Kind::token, name, std::string(element->text("system")), std::string(element->text("value")), true, 0, 0});
        } else if (const auto* text = value.if_string();
                   text != nullptr && (name.ends_with("DateTime") || name == "issued" || name == "birthDate")) {
            if (const auto period = base::parse_datetime(*text))
                out.push_back({Kind::date, name, {}, {}, false, period->low, period->high});
        } else if (name == "valueQuantity") {
            out.push_back(
                {Kind::quantity, name, std::string(element->text("system")), std::string(element->text("code")), false, 178, 179});
        } else if (name == "name" && element->is_object()) {
            out.push_back({Kind::string, "family", {}, std::string(element->text("family")), true, 0, 0});
        }
    }
}

std::vector<Source> load_sources() {
    const char* env = std::getenv("KEDGE_TEST_DATA");
    const std::string root = env != nullptr ? env : KEDGE_SOURCE_DIR "/../shared/data";
    if (!std::filesystem::exists(root + "/synthea")) stop("no Synthea data in " + root);
    std::vector<Source> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root + "/synthea")) {
        if (entry.path().extension() != ".json") continue;
        std::ifstream in(entry.path());
        const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        const auto bundle = json::parse(text);
        if (!bundle || bundle->find("entry") == nullptr) continue;
        for (const auto& each : *bundle->find("entry")->if_array()) {
            const auto& resource = *each.find("resource");
            Source source{std::string(resource.text("resourceType")), json::write(resource), {}};
            collect(resource, source.index);
            if (source.body.size() < 8192) out.push_back(std::move(source));
        }
    }
    return out;
}

class Load {
  public:
    explicit Load(std::vector<Source> sources) : sources_(std::move(sources)) {}

    // 600 resources a patient, as in a Synthea bundle.
    store::NewRecord next() {
        if (made_++ % 600 == 0) {
            patient_ = crypto::random_uuid();
            patients_.push_back(patient_);
        }
        const auto& source = sources_[made_ % sources_.size()];
        store::NewRecord out;
        out.type = source.type;
        out.id = source.type == "Patient" ? patient_ : crypto::random_uuid();
        if (made_ % 600 != 1 && out.type == "Patient") out.id = crypto::random_uuid();
        out.patient = patient_;
        out.patients = {patient_};
        out.facts = std::string("\x01\x02pt\x01", 5) + patient_ + "|2020-03-17|N|laboratory|final";
        out.body = source.body;
        out.index = source.index;
        if (made_ % 40 == 0) encounter_ = crypto::random_uuid();
        out.index.push_back({store::IndexEntry::Kind::reference, "patient", "Patient", patient_, false, 0, 0});
        out.index.push_back({store::IndexEntry::Kind::reference, "subject", "Patient", patient_, false, 0, 0});
        out.index.push_back({store::IndexEntry::Kind::reference, "encounter", "Encounter", encounter_, false, 0, 0});
        out.updated_us = 1'700'000'000'000'000 + static_cast<std::int64_t>(made_);
        out.version = 1;
        terms_ += out.index.size();
        bytes_ += out.body.size();
        return out;
    }
    const std::vector<std::string>& patients() const { return patients_; }
    double terms_each() const { return static_cast<double>(terms_) / static_cast<double>(made_); }
    double bytes_each() const { return static_cast<double>(bytes_) / static_cast<double>(made_); }

  private:
    std::vector<Source> sources_;
    std::vector<std::string> patients_;
    std::size_t made_ = 0, terms_ = 0, bytes_ = 0;
    std::string patient_, encounter_ = crypto::random_uuid();
};

using Names = std::vector<std::pair<std::string, std::string>>;

void put_in_units(store::Store& store, store::AuditDuty& duty, Load& load, std::size_t count, std::size_t per_unit, Names& names) {
    std::vector<std::future<void>> waiting;
    for (std::size_t done = 0; done < count; done += per_unit) {
        auto batch = std::make_shared<std::vector<store::NewRecord>>();
        for (std::size_t i = 0; i < per_unit; ++i) {
            batch->push_back(load.next());
            names.emplace_back(batch->back().type, batch->back().id);
        }
        auto promise = std::make_shared<std::promise<void>>();
        waiting.push_back(promise->get_future());
        store.submit(
            duty,
            [batch](store::Unit& unit) -> base::Status {
                for (const auto& record : *batch) {
                    if (auto put = unit.put(record); !put) return base::pass(put);
                }
                return {};
            },
            [promise](base::Status status) {
                if (!status) stop(status.error().diagnostics);
                promise->set_value();
            });
        if (waiting.size() >= (per_unit == 1 ? 2000u : 4u)) {
            for (auto& each : waiting) each.get();
            waiting.clear();
        }
    }
    for (auto& each : waiting) each.get();
}

double file_bytes(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : static_cast<double>(size);
}

void read_all(store::Store& store, const Names& names, std::size_t count, std::size_t among, const char* what) {
    auto duty = store::AuditDuty::exempt("bench");
    std::mt19937_64 random(42);
    const Timer timer;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& [type, id] = names[random() % std::min(among, names.size())];
        const auto got = store.read(duty, type, id);
        if (!got || !*got) stop("a record that was written is not there");
    }
    timer.tell(what, static_cast<double>(count), "reads");
}

void search_all(store::Store& store, const std::vector<std::string>& patients, std::size_t count) {
    auto duty = store::AuditDuty::exempt("bench");
    std::size_t rows = 0, examined = 0;
    const Timer timer;
    for (std::size_t i = 0; i < count; ++i) {
        store::Query query;
        query.type = "Observation";
        query.limit = 20;
        store::Criterion patient{store::IndexEntry::Kind::reference, "patient", {{}}};
        patient.any_of[0].system = "Patient";
        patient.any_of[0].value = patients[i % patients.size()];
        store::Criterion code{store::IndexEntry::Kind::token, "code", {{}}};
        code.any_of[0].system = "http://loinc.org";
        code.any_of[0].value = "8302-2";
        query.criteria = {patient, code};
        const auto hits = store.snapshot(duty).value()->search(query, [&](const store::Candidate&) { return ++examined > 0; });
        if (!hits) stop(hits.error().diagnostics);
        rows += hits->rows.size();
    }
    timer.tell("search patient + code, 20 rows", static_cast<double>(count), "searches");
    std::printf("    %.1f rows each\n", static_cast<double>(rows) / static_cast<double>(count));
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 50'000;
    const std::string dir = argc > 2 ? argv[2] : "/tmp/kedge-bench-" + crypto::random_uuid();
    const base::SystemClock clock;
    if (!store::KeyRing::init(dir, clock)) stop("cannot make keys in " + dir);
    auto keys = store::KeyRing::open(dir, clock).value();
    store::StoreOptions options;
    options.dir = dir;
    auto store = store::Store::open(options, *keys, clock).value();
    Load load(load_sources());
    auto duty = store::AuditDuty::exempt("bench");
    Names names;

    {
        const Timer timer;
        put_in_units(*store, duty, load, records, 500, names);
        timer.tell("put, units of 500", static_cast<double>(records), "records");
    }
    {
        const auto count = std::min<std::size_t>(records / 5, 50'000);
        const Timer timer;
        put_in_units(*store, duty, load, count, 1, names);
        timer.tell("put, one a unit, 2000 waiting", static_cast<double>(count), "records");
    }
    std::printf("body %.0f bytes, %.1f search terms each\n", load.bytes_each(), load.terms_each());
    if (!store->drain()) stop("draining failed");
    store.reset();
    const auto total = static_cast<double>(names.size());
    std::printf("records.db %.0f bytes each, index.db %.0f bytes each\n", file_bytes(dir + "/records.db") / total,
                file_bytes(dir + "/index.db") / total);
    const double opening = now_s();
    store = store::Store::open(options, *keys, clock).value();
    std::printf("open %zu records: %.1f ms\n", names.size(), 1e3 * (now_s() - opening));

    read_all(*store, names, 100'000, names.size(), "read, all records, cold cache");
    read_all(*store, names, 300'000, 5'000, "read, 5000 records, warm cache");
    search_all(*store, load.patients(), 20'000);
    std::vector<std::thread> threads;
    {
        const Timer timer;
        for (int t = 0; t < 2; ++t) threads.emplace_back([&] { read_all(*store, names, 100'000, names.size(), "  of two threads"); });
        for (auto& thread : threads) thread.join();
        timer.tell("read, all records, two threads", 200'000, "reads");
    }
    store.reset();
    if (argc <= 2) std::filesystem::remove_all(dir);
    return 0;
}
