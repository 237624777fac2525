// The container's HEALTHCHECK: 0 while the service in it can do its work, else 1. It runs on the Node of the image, which has
// no curl.
const port = process.env.HEADWATER_HTTP_PORT ?? '4000'
const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
  signal: AbortSignal.timeout(2500),
}).catch(() => undefined)
process.exit(answer?.ok ? 0 : 1)
