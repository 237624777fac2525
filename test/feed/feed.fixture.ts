// A replica that publishes the things of a namespace, in a process of its own, to be killed and paused:
// `node feed.fixture.ts <nats url> <namespace>`.
import { jetstreamManager } from '@nats-io/jetstream'
import { openFeed } from '../../src/feed/start-feed.ts'
import { openFollowerStore } from '../../src/streams/follow/store.ts'
import { openReplicaLog } from '../support/replica-log.ts'
import { thingFeed } from './thing-feed.ts'

const [, , servers = '', namespace = ''] = process.argv
const { nc, log } = await openReplicaLog(servers, namespace, 'thing')
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
