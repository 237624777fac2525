// A replica that publishes the things of a namespace, in a process of its own, to be killed and paused:
// `node feed.fixture.ts <nats url> <namespace>`.
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { openFeed } from '../../src/feed/start-feed.ts'
import { openEventLog } from '../../src/streams/event-log.ts'
import { openFollowerStore } from '../../src/streams/follow/store.ts'
import { thingFeed } from './thing-feed.ts'

const [, , servers = '', namespace = ''] = process.argv
const nc = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50, noAsyncTraces: true })
const log = await openEventLog({
  nc,
  spec: {
    name: namespace.toUpperCase(),
    subjects: [`${namespace}.evt.thing.*`],
    replicas: 1,
    storage: 'file',
    duplicateWindowMs: 120_000,
  },
  appendTimeoutMs: 5000,
  onMigration() {},
})
const follower = await openFeed(
  {
    nc,
    jsm: await jetstreamManager(nc, { timeout: 2000, checkAPI: false }),
    namespace,
    stream: `${namespace.toUpperCase()}_FEED`,
    store: await openFollowerStore({ nc, bucket: `${namespace}_followers`, replicas: 1, storage: 'file' }),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  },
  { context: 'things', log, feeds: [thingFeed] },
)
follower.start()
process.once('SIGTERM', () => void follower.stop().then(() => process.exit(0)))
console.log('publishing')
