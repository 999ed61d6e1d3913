// The Patient compartment in searches: which patients' records a query can touch at all.
#pragma once

#include "storage/store/query.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace search {

// The search parameters that make a resource a patient's own: those of R4's Patient compartment, and for the four types about a patient
// that it leaves out (Contract, Device, GuidanceResponse, Task) their parameter `patient`: without it no consent would cover them. Empty
// for types that belong to no patient.
std::span<const std::string_view> patient_parameters(std::string_view type);
// Can a resource of this type belong to a patient? Patient itself does.
bool in_patient_compartment(std::string_view type);

// The patients whose compartments hold everything that the criteria can match, when the criteria say so: `patient` or `subject` with local
// Patients, or a Patient's `_id`; several such criteria intersect. nullopt: the criteria do not narrow. For store::Query::only_patients,
// and for consent to load the right rules before it searches; it is no decision. Types whose parameter is not part of the compartment do
// not narrow.
std::optional<std::vector<std::string>> patients_named(const store::Query& query);

}  // namespace search
