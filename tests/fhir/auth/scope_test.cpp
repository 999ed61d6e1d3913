// SMART App Launch 2.2, "Scopes for requesting FHIR Resources": grammar and meaning, case by case.
#include "fhir/auth/scope.hpp"

#include <gtest/gtest.h>

namespace auth {
namespace {

using consent::Action;
using consent::Role;

Caller caller(Role role, std::vector<std::string> scopes) {
    Caller made;
    made.requester.role = role;
    made.scoped = true;
    made.scopes = std::move(scopes);
    return made;
}

TEST(Scope, ReadsBothVersions) {
    EXPECT_EQ(parse_scope("patient/Observation.rs")->permissions, Scope::kRead | Scope::kSearch);
    EXPECT_EQ(parse_scope("user/*.cruds")->permissions, 31u);
    EXPECT_EQ(parse_scope("system/Patient.read")->permissions, Scope::kRead | Scope::kSearch);
    EXPECT_EQ(parse_scope("system/Patient.write")->permissions, Scope::kCreate | Scope::kUpdate | Scope::kDelete);
    EXPECT_EQ(parse_scope("user/Patient.*")->permissions, 31u);
    EXPECT_EQ(parse_scope("user/Patient.d")->type, "Patient");
}

TEST(Scope, WhatIsNotUnderstoodGrantsNothing) {
    for (const char* text :
         {"openid", "fhirUser", "launch/patient", "patient/Observation", "patient/Observation.", "patient/Observation.sr",
          "patient/Observation.rr", "patient/Observation.rx", "patient/Observation.rs?category=laboratory", "patient/observation.rs",
          "patient/.rs", "tenant/Observation.rs", "patient/Observation.READ", "", "/", "patient/*.rs ", "Patient/Observation.rs"}) {
        EXPECT_FALSE(parse_scope(text)) << text;
    }
}

TEST(Scope, BoundsEachInteraction) {
    const auto reader = caller(Role::patient, {"openid", "patient/Observation.r"});
    EXPECT_TRUE(scope_allows(reader, "Observation", Action::read));
    for (const auto action : {Action::search, Action::history, Action::create, Action::update, Action::remove, Action::operation}) {
        EXPECT_FALSE(scope_allows(reader, "Observation", action)) << static_cast<int>(action);
    }
    EXPECT_FALSE(scope_allows(reader, "Condition", Action::read));
    const auto writer = caller(Role::practitioner, {"user/Observation.cu"});
    EXPECT_TRUE(scope_allows(writer, "Observation", Action::create));
    EXPECT_TRUE(scope_allows(writer, "Observation", Action::update));
    EXPECT_FALSE(scope_allows(writer, "Observation", Action::remove));
    EXPECT_FALSE(scope_allows(writer, "Observation", Action::read));
}

TEST(Scope, ScopesOfOneTypeAddUp) {
    const auto both = caller(Role::practitioner, {"user/*.r", "user/Observation.s"});
    EXPECT_TRUE(scope_allows(both, "Observation", Action::history));
    EXPECT_TRUE(scope_allows(both, "Observation", Action::operation));
    EXPECT_FALSE(scope_allows(both, "Condition", Action::history));
}

TEST(Scope, AContextCountsForItsOwnKindOfCaller) {
    EXPECT_FALSE(scope_allows(caller(Role::practitioner, {"patient/*.cruds"}), "Patient", Action::read));
    EXPECT_FALSE(scope_allows(caller(Role::practitioner, {"system/*.cruds"}), "Patient", Action::read));
    EXPECT_FALSE(scope_allows(caller(Role::system, {"user/*.cruds", "patient/*.cruds"}), "Patient", Action::read));
    EXPECT_TRUE(scope_allows(caller(Role::system, {"system/*.r"}), "Patient", Action::read));
    EXPECT_TRUE(scope_allows(caller(Role::patient, {"user/*.r"}), "Patient", Action::read));
    EXPECT_TRUE(scope_allows(caller(Role::auditor, {"user/AuditEvent.rs"}), "AuditEvent", Action::search));
}

TEST(Scope, WithoutAScopeClaimTheRoleAloneBounds) {
    auto open = caller(Role::practitioner, {});
    EXPECT_FALSE(scope_allows(open, "Patient", Action::read));  // a claim that lists nothing allows nothing
    open.scoped = false;
    EXPECT_TRUE(scope_allows(open, "Patient", Action::read));
}

}  // namespace
}  // namespace auth
