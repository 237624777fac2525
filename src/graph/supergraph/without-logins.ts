const SUBGRAPH_URL = /(@join__graph\([^)]*?\burl:\s*")([^"]*)/g
/** RFC 3986, section 3.2.1: what comes before the host. */
const LOGIN = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i

/**
 * A supergraph whose addresses of subgraphs have no user and no password: whoever reads the SDL needs none, and who connects has
 * them from the configuration.
 */
export function withoutLogins(supergraphSdl: string): string {
  return supergraphSdl.replace(
    SUBGRAPH_URL,
    (_, before: string, url: string) => `${before}${url.replace(LOGIN, '$1')}`,
  )
}
