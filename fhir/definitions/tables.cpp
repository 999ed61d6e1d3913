#include "fhir/definitions/tables.hpp"

namespace definitions {
namespace {

using namespace std::string_view_literals;
// The build writes this file (see CMakeLists.txt); everything in it is constant-initialised, so loading costs page faults alone.
#include "r4_tables.inc"

}  // namespace

constinit const Tables kTables{kResourceTypes, kGroups, kParameterBases, kCompartments, kGroupConstraints, kElements, kElementRules, kValueSets, kConstraints, kExtensions};

}  // namespace definitions
