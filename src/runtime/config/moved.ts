/** Keys that had another name, as in TOML, and where they are now. */
export const MOVED: ReadonlyMap<string, string> = new Map([
  ['graph.query_depth', 'graph.limits.depth'],
  ['http.introspection', 'graph.limits.introspection'],
])
