/** The user and the password in an address as the value of the header `authorization`; undefined when it has none. */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '') return undefined
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(text).toString('base64')}`
}
