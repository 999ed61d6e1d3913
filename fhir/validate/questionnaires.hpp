// Questionnaires and the answers to them (R4 questionnaire.html, questionnaireresponse.html), beyond their invariants.
#pragma once

#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

// The questions that its conditions (enableWhen) name are there, and elsewhere than the item itself.
void check_questionnaire(const json::Value& questionnaire, const Options& options, Report& report);

// A QuestionnaireResponse against its Questionnaire: contained, in the Bundle around it, of a package, or stored. Where none is known a
// warning says so; a response that names none is not looked at.
void check_response(const json::Value& response, const Scope& scope, const Options& options, Report& report);

}  // namespace validate
