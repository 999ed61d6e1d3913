// Small, valid resources for the flows. Names are unmistakable, so that a scan of the disk for them means something.
import { eventually } from './harness.mjs';

export const kFamily = 'Quetzalcoatlus';
export const kGiven = 'Wilhelmina';
export const kIdentifier = 'MRN-7731-UNMISTAKABLE';
const kTerminology = 'http://terminology.hl7.org/CodeSystem';

export const patient = (id = 'p1', more = {}) => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'http://hospital.example/mrn', value: `${kIdentifier}-${id}` }],
  name: [{ family: kFamily, given: [kGiven] }],
  gender: 'female',
  birthDate: '1970-03-30',
  ...more,
});

export const observation = (id, subject = 'p1', value = '72.50', more = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  subject: { reference: `Patient/${subject}` },
  effectiveDateTime: '2024-02-03',
  valueQuantity: { value: Number(value), unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  ...more,
});

// Permits one practitioner to read for a purpose.
export const consent = (subject = 'p1', practitioner = 'Practitioner/dr-b', { status = 'active', purpose = 'TREAT', ...more } = {}) => ({
  resourceType: 'Consent',
  status,
  scope: { coding: [{ system: `${kTerminology}/consentscope`, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: `Patient/${subject}` },
  dateTime: '2024-01-01',
  policyRule: { coding: [{ system: `${kTerminology}/v3-ActCode`, code: 'OPTIN' }] },
  provision: {
    type: 'permit',
    actor: [{ role: { coding: [{ system: `${kTerminology}/v3-ParticipationType`, code: 'IRCP' }] }, reference: { reference: practitioner } }],
    purpose: [{ system: `${kTerminology}/v3-ActReason`, code: purpose }],
  },
  ...more,
});

export const organization = (id) => ({ resourceType: 'Organization', id, name: `Organization ${id}` });

export const bundle = (type, ...entry) => ({ resourceType: 'Bundle', type, entry });
export const entry = (method, url, resource, more = {}) => {
  const { fullUrl, ...request } = more;
  return { ...(fullUrl ? { fullUrl } : {}), ...(resource ? { resource } : {}), request: { method, url, ...request } };
};

// The text of one named value in a Parameters resource.
export const parameter = (parameters, name) => parameters.parameter?.find((part) => part.name === name)?.valueString;

// One patient with a few observations, written by organisation a.
export async function seed(server, { id = 'p1', observations = 3 } = {}) {
  const doctor = server.doctor('a');
  await doctor.must_put(patient(id));
  for (let n = 1; n <= observations; n += 1) await doctor.must_put(observation(`${id}-o${n}`, id));
}

// Grants as the patient and waits until the ledger shows it. -> the Consent as stored
export async function grant(server, { id = 'p1', practitioner = 'Practitioner/dr-b' } = {}) {
  const patient_client = server.patient(id);
  const stored = await patient_client.must_post('Consent', consent(id, practitioner));
  await eventually('the grant on the ledger', async () => {
    const status = await patient_client.must_get(`Consent/${stored.id}/$ledger-status`);
    return parameter(status, 'state') === 'active';
  });
  return stored;
}
