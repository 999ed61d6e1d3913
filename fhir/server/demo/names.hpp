// Words that people and places are made of.
#pragma once

#include <string_view>

namespace server::demo {

// f: or m: in front is the gender the name goes with.
inline constexpr std::string_view kGivens[] = {
    "f:Ada",    "f:Amina", "f:Anna",   "f:Beatriz", "f:Chiara", "f:Dilara", "f:Elena",   "f:Fatou",  "f:Grace", "f:Hana",
    "f:Ingrid", "f:Jana",  "f:Leila",  "f:Mei",     "f:Nadia",  "f:Olivia", "f:Priya",   "f:Rosa",   "f:Sofía", "f:Zoë",
    "m:Ahmed",  "m:Björn", "m:Carlos", "m:Daniel",  "m:Emeka",  "m:Felix",  "m:Giorgos", "m:Henrik", "m:Ivan",  "m:Jin",
    "m:Kofi",   "m:Lars",  "m:Mateo",  "m:Noah",    "m:Omar",   "m:Paul",   "m:Rafael",  "m:Samuel", "m:Tomás", "m:Yusuf"};
inline constexpr std::string_view kFamilies[] = {"Abara",    "Andersen", "Bauer",   "Castillo", "Chen",  "Dubois",   "Eriksson", "Ferrari",
                                                 "García",   "Haddad",   "Ito",     "Jansen",   "Kaya",  "Kowalski", "Larsson",  "Mbeki",
                                                 "Müller",   "Nakamura", "Novák",   "Okafor",   "Osei",  "Patel",    "Petrov",   "Quinn",
                                                 "Rossi",    "Sato",     "Schmidt", "Silva",    "Singh", "Tanaka",   "Tremblay", "Usman",
                                                 "Virtanen", "Walker",   "Weiß",    "Yılmaz",   "Young", "Zhang",    "O'Brien",  "Nguyen"};
inline constexpr std::string_view kCities[] = {"Ashford",   "Brookfield", "Cedar Falls", "Dunmore",  "Eastport",
                                               "Fairhaven", "Glenwood",   "Harbor Bay",  "Kingsley", "Millbrook"};
inline constexpr std::string_view kStreets[] = {"Oak Street",   "Mill Lane",   "Station Road", "Church Street",
                                                "Harbour View", "Park Avenue", "River Walk",   "Elm Close"};

}  // namespace server::demo
