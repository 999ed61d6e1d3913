-- wrk script: each request creates one small Observation of patient p1.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/fhir+json"
wrk.headers["Prefer"] = "return=minimal"
wrk.body = '{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},' ..
  '"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2024-02-03","valueQuantity":{"value":72.50,"unit":"kg"}}'
