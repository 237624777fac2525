/** What psql passes over, and what it puts a value in for: https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-INTERPOLATION */
const PARTS = /E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|(?<!:):'(\w+)'/gi

/** A script as psql sends it: with `:'name'` replaced by the variable as a literal, except in literals, names and comments. */
export function withPsqlVariables(script: string, variables: Readonly<Record<string, string>>): string {
  return script.replaceAll(PARTS, (part: string, name: string | undefined) => {
    if (name === undefined) return part
    const value = variables[name]
    // psql leaves one that is not set as it stands, which the server then refuses.
    return value === undefined ? part : literal(value)
  })
}

/** As PQescapeLiteral of libpq. */
function literal(value: string): string {
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return value.includes('\\') ? ` E${quoted}` : quoted
}
