// `headwater`, killed with its publish of a certain commit: `KILL_AT="before 3 c-1" node kill.fixture.ts start`.
// Commits are counted from the start of that checkout, whichever aggregate they are of.
import { NatsConnectionImpl } from '@nats-io/nats-core/internal'

const [when = '', number = '', checkout = ''] = (process.env['KILL_AT'] ?? '').split(' ')
// It is applied to the connection below.
// oxlint-disable-next-line typescript/unbound-method
const publish = NatsConnectionImpl.prototype.publish
let commits = 0

NatsConnectionImpl.prototype.publish = function (this: NatsConnectionImpl, ...message) {
  const [subject] = message
  const isCommit = /^[^.]+\.evt\./.test(subject)
  if (isCommit && (commits > 0 || subject.endsWith(`.checkout.${checkout}`))) commits++
  const isNow = isCommit && checkout !== '' && commits === Number(number)
  if (isNow && when === 'before') process.kill(process.pid, 'SIGKILL')
  publish.apply(this, message)
  // The server has read it when it answers the flush, and the service has not heard of it yet, or just so.
  if (isNow) void this.flush().then(() => process.kill(process.pid, 'SIGKILL'))
}

await import('../../src/cli/main.ts')
