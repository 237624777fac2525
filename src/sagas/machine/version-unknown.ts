import { type Rejection, reject } from '../../commands/definition/decision.ts'

/** A saga goes by the version of its definition that it began with; this release does not have it. */
export function versionUnknown(name: string, id: string, version: number): Rejection {
  return reject(
    'SAGA_VERSION_UNKNOWN',
    `The saga ${name} ${id} began with version ${version} of its definition, which is not in this release: name it in \`earlier\``,
    409,
  )
}
