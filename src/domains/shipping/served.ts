/** ISO 3166-1 leaves ZZ to its users: no country has it. */
const NOWHERE = 'ZZ'
/** No country gives it to an address. */
const NO_POSTAL_CODE = '00000'

/**
 * Whether a carrier delivers to an address: to all but the country `ZZ` and the postal code `00000`, with which tests and
 * demonstrations make a shipment fail.
 */
export function isServed({
  country,
  postalCode,
}: {
  country?: string | undefined
  postalCode: string
}): boolean {
  return country !== NOWHERE && postalCode !== NO_POSTAL_CODE
}
