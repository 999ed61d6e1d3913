// Who treats: shared between the first bundle and the patients' references to it.
#pragma once

#include "fhir/server/demo/build.hpp"

#include <cstdint>
#include <string>

namespace server::demo {

struct Organization {
    std::string id;
    std::string name;
    std::string city;
};
struct Practitioner {
    std::string id;
    std::string family;
    std::string given;
    Code specialty;
    int organization;  // index
};

Organization organization(std::uint64_t seed, int index);
Practitioner practitioner(std::uint64_t seed, int index);
Link link_to(const Organization& organization);  // Organization/id
Link link_to(const Practitioner& practitioner);  // Practitioner/id

}  // namespace server::demo
