/**
 * Whether a text is one that JSON can carry and PostgreSQL cannot: with a NUL, or with half a surrogate pair. Commands are refused
 * for it, and projections park what has it all the same.
 */
export function isUnstorable(text: string): boolean {
  return text.includes('\u0000') || !text.isWellFormed()
}
