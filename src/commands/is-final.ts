/** Whether a command that was refused with this status will be refused again, as far as can be told: for what the sender did, but not for haste. */
export const isFinal = (status: number): boolean => status >= 400 && status < 500 && status !== 429
