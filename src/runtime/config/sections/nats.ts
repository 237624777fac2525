import { z } from 'zod'
import { host, path, port, secret, text, url } from '../kinds.ts'

/**
 * nats.js reads an address without a scheme as `nats://`. Only WebSocket has a path; elsewhere one is a mistake, mostly a `/`
 * in a password.
 */
function isNatsUrl(address: string): boolean {
  const full = address.includes('://') ? address : `nats://${address}`
  const [, scheme] = /^(nats|tls|ws|wss):\/\/\S+$/.exec(full) ?? []
  if (scheme === undefined || !URL.canParse(full)) return false
  const { hostname, pathname } = new URL(full)
  return hostname !== '' && (scheme.startsWith('ws') || pathname === '' || pathname === '/')
}

const areNatsUrls = (addresses: string) => addresses.split(',').every((one) => isNatsUrl(one.trim()))

const tls = z
  .strictObject({
    caFile: path('The certificates of the authorities to trust (PEM).', 'file').exactOptional(),
    certFile: path('The client certificate (PEM); needs key_file.', 'file').exactOptional(),
    keyFile: path('The key of the client certificate (PEM).', 'file').exactOptional(),
  })
  .superRefine(({ certFile, keyFile }, context) => {
    if ((certFile === undefined) === (keyFile === undefined)) return
    const [path, other] = certFile === undefined ? ['keyFile', 'cert_file'] : ['certFile', 'key_file']
    context.addIssue({ code: 'custom', path: [path], message: `needs nats.tls.${other} too` })
  })
  .describe(
    'TLS towards the NATS servers of `url`; a `tls://` address alone trusts the system’s authorities.',
  )

export const nats = z
  .strictObject({
    url: url(
      'NATS servers of your own; without it an embedded one starts.',
      'an address such as nats://host:4222, or several with commas (schemes: nats, tls, ws, wss)',
      'NATS_URL',
      areNatsUrls,
    ).exactOptional(),
    host: host('The address the embedded server listens on.').default('127.0.0.1'),
    port: port('The port of the embedded server; a taken one gets a free one, 0 takes any.').default(4222),
    serverBinary: path('The nats-server to run as the embedded one.', 'file').exactOptional(),
    configFile: path('A nats-server.conf for the embedded server.', 'file').exactOptional(),
    credentialsFile: path('A NATS credentials file (JWT and nkey).', 'file').exactOptional(),
    user: text('The user to log in as; needs password.', 'a name', /^\S{1,256}$/).exactOptional(),
    password: secret('The password of user.').exactOptional(),
    token: secret('A token to log in with, in place of user and password.').exactOptional(),
    tls: tls.exactOptional(),
  })
  .superRefine(({ user, password, token, credentialsFile }, context) => {
    if (user !== undefined && password === undefined)
      context.addIssue({ code: 'custom', path: ['user'], message: 'needs nats.password too' })
    if (password !== undefined && user === undefined)
      context.addIssue({ code: 'custom', path: ['password'], message: 'needs nats.user too' })
    const ways = { credentialsFile, user, token }
    const [, second] = Object.entries(ways).filter(([, value]) => value !== undefined)
    const message = 'is a second way to log in: set one of credentials_file, user with password, or token'
    if (second !== undefined) context.addIssue({ code: 'custom', path: [second[0]], message })
  })
  .describe('The NATS servers, or the embedded one.')
