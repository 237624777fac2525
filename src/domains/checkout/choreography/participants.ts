const PREFIX = 'purchase-'

/** The most characters that the id of a purchase may have, so that its participants' is an id as well. */
export const LONGEST_ID = 128 - PREFIX.length

/**
 * The id of the order, the payment, the shipment and the reservations of a purchase. It says which purchase they belong to, so
 * that nobody has to be asked: ids of this form are the purchases' own.
 */
export const participantOf = (purchaseId: string): string => PREFIX + purchaseId

/** The purchase that something with this id belongs to; undefined for what belongs to none. */
export function purchaseOf(participantId: string): string | undefined {
  return participantId.startsWith(PREFIX) && participantId.length > PREFIX.length
    ? participantId.slice(PREFIX.length)
    : undefined
}
