// What Cloudflare runs in front of the native container: requests that reach the Worker are handed to one container and
// answered by it. Locally the native Worker takes this file's place.
import { DurableObject } from 'cloudflare:workers'

const PORT = 8080
/** How long a starting container is waited for, in milliseconds. A cold start takes seconds. */
const START_LIMIT = 20_000
/** A container that nobody asks anything is stopped after this many milliseconds. */
const IDLE_LIMIT = 10 * 60_000

export default {
  /** All state lives behind bindings, and one instance is enough until measurements say otherwise. */
  fetch(request, env) {
    return env.LILYPAD_EDGE.getByName('edge').fetch(request)
  },
}

export class LilypadEdge extends DurableObject {
  async fetch(request) {
    const container = this.ctx.container
    if (!container.running) this.start(container)
    container.setInactivityTimeout(IDLE_LIMIT)

    const url = new URL(request.url)
    url.protocol = 'http:'
    const port = container.getTcpPort(PORT)
    const deadline = Date.now() + START_LIMIT
    for (let wait = 50; ; wait = Math.min(wait * 2, 1000)) {
      try {
        return await port.fetch(new Request(url, request))
      } catch (error) {
        // A body that was read once cannot be sent again.
        if (request.bodyUsed || Date.now() + wait > deadline) return unavailable(error)
        await new Promise((resolve) => setTimeout(resolve, wait))
      }
    }
  }

  start(container) {
    const text = Object.entries(this.env).filter(([, value]) => typeof value === 'string')
    container.start({ env: Object.fromEntries(text), enableInternet: true })
    this.ctx.waitUntil(container.monitor().catch((error) => console.error('container ended', error)))
  }
}

function unavailable(error) {
  console.error('container unreachable', error)
  const problem = {
    title: 'Service Unavailable',
    status: 503,
    code: 'starting',
    detail: 'The service is starting; try again in a few seconds.',
  }
  return Response.json(problem, {
    status: 503,
    headers: { 'content-type': 'application/problem+json', 'retry-after': '5', 'cache-control': 'no-store' },
  })
}
