// Where fhirpath.js 5.2.0 and kedge differ, and why kedge stays as it is. Each entry looks at the smallest part of an expression that the
// two answer otherwise, so it can be narrow. N1 is http://hl7.org/fhirpath/N1, R4 is http://hl7.org/fhir/R4/fhirpath.html.
const empty = (answer) => answer.values?.length === 0;
const text = (answer) => JSON.stringify(answer.values ?? answer.error);
const numbers = (answer) => answer.values?.length > 0 && answer.values.every((v) => typeof v === 'number' || /^-?\d/.test(String(v)));
const kWholeMax = 2147483647;
const without_zone = (answer) => text(answer).replace(/(T\d\d(?::\d\d)*(?:\.\d+)?)(?:[+-]\d\d:\d\d|Z)/g, '$1');

const kDifferences = [
  // Numbers: doubles in fhirpath.js, decimals of 38 digits here.
  ['N1 6.6: a result beyond the range of its type is empty; fhirpath.js goes on with doubles', ({ kedge, other }) => empty(kedge) && other.values?.some((v) => Math.abs(parseFloat(v)) > kWholeMax)],
  ['N1 5.7: what is no number (the logarithm of 0, the root of -1) is empty; fhirpath.js gives NaN or Infinity', ({ other }) => other.values?.some((v) => v === null || /Infinity|NaN/.test(String(v)))],
  ['N1 6.6: a sum beyond the range of its type is empty, and so is no item of a larger expression', ({ expression, kedge, other }) => /2147483647/.test(expression) && / \+ /.test(expression) && /aggregate\(|count\(/.test(expression) && numbers(kedge) && numbers(other)],
  ['doubles: the logarithm of 0.1 to the base 10 is a little above -1', ({ expression, kedge, other }) => /\.log\(/.test(expression) && /\.(ceiling|floor|truncate)\(/.test(expression) && numbers(kedge) && numbers(other)],
  ['below 1e-38 a decimal is 0 here', ({ expression, kedge }) => /\.exp\(\)/.test(expression) && empty(kedge)],
  ['doubles: x mod 0.001 and x div 0.001 lose what is left', ({ expression, other }) => / (mod|div) /.test(expression) && numbers(other)],
  ['doubles: zeros at the end are lost, so 1.0 has the boundaries, and the precision, of 1', ({ expression, other }) => /\.(low|high)Boundary\(/.test(expression) && numbers(other)],
  ['doubles: a decimal without a fraction, 2.0 or a rounded one, converts to an Integer; a Decimal does not (N1 5.5.3)', ({ expression, kedge, other }) => /(convertsToInteger|toInteger)\(\)$/.test(expression) && (text(kedge) === '[false]' || empty(kedge)) && (text(other) === '[true]' || numbers(other))],
  ['round(): half of -1.5 goes away from zero here, upwards there; N1 5.7.8 speaks of positive numbers', ({ expression, kedge, other }) => /\.round\(/.test(expression) && numbers(other) && numbers(kedge)],
  ['doubles: other digits when a decimal is written as a string: 1.50 is 1.5, 1/3 has fewer', ({ expression, kedge, other }) => /\.toString\(|&/.test(expression) && kedge.error === undefined && other.error === undefined],
  ['doubles: a decimal that happens to be whole is an Integer to fhirpath.js', ({ expression, other }) => /type\(\)/.test(expression) && /Integer/.test(text(other))],
  ['UCUM gives the year, and so the quotient of years and seconds, a length; fhirpath.js converts none of them', ({ expression, kedge, other }) => /toQuantity\('(years|s|min|g|m)'\)/.test(expression) && empty(other) && kedge.values?.length === 1],
  ['numbers below 0.00000001 are 0 to fhirpath.js', ({ expression, kedge, other }) => /\.toBoolean\(\)$/.test(expression) && empty(kedge) && text(other) === '[false]'],
  ['numbers that differ by less than 0.00000001 are one to fhirpath.js', ({ expression, kedge }) => /\/ /.test(expression) && (empty(kedge) || kedge.values?.length > 1)],
  ['a string is no number: "7" / 2 is an error (N1 6.6)', ({ kedge }) => /cannot be (multiplied|divided|added|subtracted|calculated)|these types cannot/.test(kedge.error ?? '')],
  ['numbers of fhirpath.js are objects with a member "value"', ({ expression, kedge, other }) => /value/.test(expression) && (empty(kedge) || text(kedge) === '[false]' || text(kedge) === '[true]' || kedge.values?.length < other.values?.length) && /select\(value\)|where\(value\.exists|exists\(value|all\(value|\.value\.value\b|\.value\b.*\.value\b/.test(expression) && other.error === undefined],
  // Dates and times.
  ['N1 5.5.4: toDate() takes the date of a DateTime, also of a FHIR one', ({ expression, kedge, other }) => /\.toDate\(\)/.test(expression) && empty(other) && kedge.values?.length === 1],
  ['a DateTime as a string has no T at its end', ({ kedge, other }) => text(other).replace(/(\d)T"/g, '$1"').replace(/\.?\d{12,}/g, '') === text(kedge).replace(/\.?\d{12,}/g, '')],
  ['fhirpath.js writes the offset -00:00 behind a sum of what had none, and reckons in UTC', ({ expression, kedge, other }) => / [+-] /.test(expression) && (without_zone(kedge) === without_zone(other) || /toDate\(\)|toTime\(\)/.test(expression))],
  ['HL7\'s tests: the boundary of a DateTime without a zone lies in the zone furthest ahead or behind', ({ expression, kedge, other }) => /Boundary\(/.test(expression) && (without_zone(kedge) === without_zone(other) || empty(other))],
  ['what is finer than a millisecond is dropped here, rounded there', ({ expression }) => /1\.5 millisecond/.test(expression)],
  ['fhirpath.js takes .5 s for 5 ms when it adds', ({ expression }) => /\.5(-05:00)?\b.* [+-] \S+ [a-z]+/.test(expression)],
  ['boundaries: seconds to the millisecond (N1 has one precision for both), .5 stands for .5 to .599', ({ expression }) => /15\.5-05:00|01\.5/.test(expression) && /Boundary/.test(expression)],
  ['boundary of a time: to the millisecond here', ({ expression, kedge, other }) => /@T.*Boundary/.test(expression) && text(kedge).replace(/\.000/, '') === text(other)],
  // Types.
  ['as and ofType take a primitive\'s own type alone, as HL7\'s tests for R4 have it; fhirpath.js takes those that derive from it too', ({ expression, kedge, other }) => /(as |as\(|ofType\()((FHIR\.)?(string|uri|integer)|Element)\)?/.test(expression) && text(kedge).length < text(other).length],
  ['R4 defines ids and Extension.url as System.String; kedge knows them as id and uri too', ({ expression }) => /\bid\b|\burl\b/.test(expression) && /type\(\)| is |is\(|ofType|as/.test(expression)],
  ['as is ofType for one item (N1 6.3.3): both take a primitive as the System type of its value', ({ expression }) => /(as|is|as\(|ofType\() ?System\.\w+\)?$/.test(expression)],
  ['N1 4.1: a value of JSON that R4 types is no System value, so ofType(String) leaves it out; after an index fhirpath.js forgets its type', ({ expression, kedge }) => /ofType\((String|Integer|Decimal|Boolean)\)/.test(expression) && empty(kedge)],
  ['doubles: -0.0 and 2.0 are Integers to fhirpath.js', ({ expression, kedge, other }) => /ofType\(((System|FHIR)\.)?(Decimal|Integer)\)|(as|is) ((System|FHIR)\.)?(Decimal|Integer)/.test(expression) && text(kedge) !== text(other)],
  ['fhirpath.js loses the type of extensions and gives System.Object', ({ expression, other }) => /"Object"/.test(text(other)) || /extension.*\.is\(Extension\)|extension\S* is Extension/.test(expression)],
  ['fhirpath.js takes an element named resourceType (ExampleScenario.instance) for the type of the resource', ({ expression, other }) => /instance/.test(expression) && /type\(\)| is |is\(|ofType|as/.test(expression) && !/Object/.test(text(other))],
  ['N1 4.5 and HL7\'s tests (testIif6): the criterion of iif() is a boolean', ({ kedge }) => /wants a boolean criterion/.test(kedge.error ?? '')],
  ['string functions are for strings (N1 5.6); fhirpath.js takes a FHIR date for one', ({ kedge, other }) => /\(\) is for strings|a string is wanted|& joins strings/.test(kedge.error ?? '') && other.error === undefined],
  ['N1 5.5.5: toString() is of values; fhirpath.js writes [object Object]', ({ other }) => text(other).includes('[object')],
  ['an object has no string (N1 5.5.5); to fhirpath.js all have', ({ expression, kedge, other }) => /convertsToString\(\)$/.test(expression) && text(kedge) === '[false]' && text(other) === '[true]'],
  ['values of different types are not equal (N1 6.1.1), so != is true', ({ expression, kedge, other }) => / != /.test(expression) && text(kedge) === '[true]' && empty(other)],
  ['N1 6.1: primitives are equal when their values are; fhirpath.js compares their extensions too', ({ expression, kedge, other }) => /\||union|distinct|intersect|children\(\)/.test(expression) && /given|family|name/.test(expression) && kedge.error === undefined && other.error === undefined],
  ['R4 json.html: a primitive that is an extension alone is an item without a value; fhirpath.js leaves it out of a result', ({ kedge, other }) => kedge.values?.includes(null) && JSON.stringify(kedge.values.filter((v) => v !== null)) === JSON.stringify(other.values)],
  // Strings.
  ['substring() of a length below one is the empty string', ({ expression, kedge }) => /\.substring\(-?\d+, (-1|0)\)$/.test(expression) && kedge.values?.[0] === ''],
  ['N1 5.6.9: $0 is the whole match; fhirpath.js takes JavaScript\'s $&', ({ expression }) => /replaceMatches\(.*\[\$0\]/.test(expression)],
  ['encode() is of UTF-8; fhirpath.js encodes Latin-1 and refuses what is beyond', ({ expression }) => /\.encode\('(base64|urlbase64|hex)'\)/.test(expression) && /[^\x00-\x7f]/.test(expression)],
  ['encode(\'hex\') writes two digits for a byte; fhirpath.js writes one for a line feed', ({ expression, kedge, other }) => /\.encode\('hex'\)/.test(expression) && text(other).length < text(kedge).length],
  ['decode() of what is no such text is an error; fhirpath.js guesses', ({ kedge }) => /^decode\(\) does not know/.test(kedge.error ?? '')],
  ['fhirpath.js stumbles over the empty string', ({ other }) => /Cannot read properties of null/.test(other.error ?? '')],
  ['\\d is any digit of Unicode (N1 5.6: ICU and PCRE agree), in JavaScript those of ASCII', ({ expression }) => /[١]/.test(expression) && /\\\\d/.test(expression)],
  // Quantities.
  ['a percentage in a product is a number with the unit 1', ({ expression }) => /'%'/.test(expression) && / [*/] /.test(expression)],
  ['a FHIR Quantity without a system is taken by its unit; fhirpath.js refuses it', ({ kedge, other }) => kedge.error === undefined && /Expected a number or a Quantity|Cannot convert (\[object|object to)|Expected a Decimal|fromVal\.toNumber|hasSameMappedCalendarUnit|reading 'replace'/.test(other.error ?? '')],
  ['N1 6.1.1: quantities of different dimensions are neither equal nor not', ({ expression, kedge, other }) => / (!?=) /.test(expression) && empty(kedge) && /true|false/.test(text(other))],
  ['objects have no order: an error; fhirpath.js compares their texts', ({ kedge }) => /these types have no order/.test(kedge.error ?? '')],
  ['R4: a Quantity with a comparator is no System.Quantity; here it is compared as the element it is, fhirpath.js ends', ({ other }) => /has a comparator/.test(other.error ?? '')],
  ['N1 6.6: with nothing on one side the result is nothing, whatever the type of the other', ({ kedge, other }) => empty(kedge) && /^Expected number, but got/.test(other.error ?? '')],
  ['N1 2.1.9: calendar years are not comparable with UCUM units, so they have no sum; fhirpath.js converts them', ({ expression, kedge }) => /year|month/.test(expression) && / [+-] /.test(expression) && empty(kedge)],
  ['UCUM: 1/ml and m-3 are units of one kind', ({ expression, kedge }) => / [*/] /.test(expression) && /'/.test(text(kedge))],
  // Nothing and many.
  ['N1 6.5 leaves it open whether an operand that cannot matter is evaluated; fhirpath.js evaluates it, and finds an error', ({ expression, kedge, other }) => other.error !== undefined && kedge.error === undefined && / (and|or|implies) /.test(expression)],
  ['N1 4.5: an operand of several items is an error, whatever stands on the other side', ({ kedge, other }) => /here are several|several items/.test(kedge.error ?? '') && other.error === undefined],
  ['N1 6.6: a sign before nothing gives nothing', ({ other }) => /^Unary /.test(other.error ?? '')],
];

export function known_difference(found) {
  return kDifferences.find(([, holds]) => holds(found))?.[0];
}
