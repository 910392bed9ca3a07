/** Attestations: what provenance, sbom and attests ask for, as values of `--attest`. */
import { attributeKey, readFields } from '../core/csv.js'
import { splitPair } from '../core/pair.js'

type Asked = { readonly provenance: string; readonly sbom: string; readonly attests: readonly string[] }

/**
 * What is asked for, or asked not to be there; what is added of nobody's accord is not among it. The input of its own goes
 * before a provenance in the list.
 */
export function askedAttestations({ provenance, sbom, attests }: Asked): readonly string[] {
  return [
    ...(provenance === '' ? [] : [attestation('provenance', provenance)]),
    ...(sbom === '' ? [] : [attestation('sbom', sbom)]),
    ...(provenance === '' ? attests : attests.filter((attest) => !isProvenance(attest)))
  ]
}

/** Whether it is about a provenance. */
export function isProvenance(attest: string): boolean {
  return attributesOf(attest).some(({ key, value }) => key === 'type' && value === 'provenance')
}

/** Whether it asks for an attestation, rather than for none. */
export function isEnabled(attest: string): boolean {
  return !attributesOf(attest).some(({ key, value }) => key === 'disabled' && isOn(value))
}

function attributesOf(attest: string): readonly { readonly key: string; readonly value: string }[] {
  return readFields(attest).map((field) => {
    const { name, value = '' } = splitPair(field)
    return { key: attributeKey(name), value: value.trim() }
  })
}

/** A boolean as Go reads it, or attributes. */
function attestation(type: 'provenance' | 'sbom', value: string): string {
  if (isOn(value)) return `type=${type}`
  return /^(?:0|f|false)$/i.test(value) ? `type=${type},disabled=true` : `type=${type},${value}`
}

function isOn(value: string): boolean {
  return /^(?:1|t|true)$/i.test(value)
}
