/** A description as it stands in SDL, before what it describes. */
export function described(text: string): string {
  return text.includes('\n') ? `"""\n${text.replaceAll('"""', '\\"""')}\n"""` : JSON.stringify(text)
}

/** A type's name as it is read in a sentence: `GiftCard` is `gift card`. */
export function worded(type: string): string {
  return type.replace(/(?<=.)[A-Z]/g, ' $&').toLowerCase()
}
