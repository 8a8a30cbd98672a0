import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import {
  createMemoryHistory,
  createRootRoute,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  isNotFound,
  notFound,
  redirect,
  type SearchSchemaInput,
} from '../src/index.ts'

const settle = async () => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}
const at = (href: string) => createMemoryHistory({ initialEntries: [href] })

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(answer: Same<A, B>) => expect(answer).toBe(true as typeof answer)

describe('finding routes', () => {
  const root = createRootRoute()
  const index = createRoute({ getParentRoute: () => root, path: '/' })
  const docs = createRoute({
    getParentRoute: () => root,
    path: 'docs',
    notFoundComponent: () => null,
  })
  const docsIndex = createRoute({ getParentRoute: () => docs, path: '/' })
  const page = createRoute({ getParentRoute: () => docs, path: '$page' })
  const layout = createRoute({ getParentRoute: () => root, id: '_layout' })
  const inside = createRoute({ getParentRoute: () => layout, path: 'inside' })
  const routeTree = root.addChildren([
    index,
    docs.addChildren({ docsIndex, page }),
    layout.addChildren([inside]),
  ])
  const idsAt = async (href: string) => {
    const router = createRouter({ routeTree, history: at(href) })
    await router.load()
    return router.state.matches.map((match) => match.routeId as string)
  }

  test('the chain from the root to the page', async () => {
    expect(await idsAt('/')).toEqual(['__root__', '/'])
    expect(await idsAt('/docs')).toEqual(['__root__', '/docs', '/docs/'])
    expect(await idsAt('/docs/a')).toEqual(['__root__', '/docs', '/docs/$page'])
    expect(await idsAt('/inside')).toEqual(['__root__', '/_layout', '/_layout/inside'])
  })

  test('an unknown address belongs to the nearest route that can say so', async () => {
    expect(await idsAt('/docs/a/b')).toEqual(['__root__', '/docs'])
    expect(await idsAt('/nowhere')).toEqual(['__root__'])
    const router = createRouter({ routeTree, history: at('/nowhere') })
    await router.load()
    expect(router.state).toMatchObject({ statusCode: 404, status: 'idle' })
  })

  test('ids, paths and parameters are known to the compiler', () => {
    same<(typeof page)['types']['id'], '/docs/$page'>(true)
    same<(typeof page)['types']['params'], { page: string }>(true)
    same<(typeof docsIndex)['types']['fullPath'], '/docs/'>(true)
    same<(typeof inside)['types']['id'], '/_layout/inside'>(true)
    same<(typeof inside)['types']['fullPath'], '/inside'>(true)
    expect(String(page.id)).toBe('/docs/$page')
  })
})

describe('search and parameters', () => {
  const root = createRootRoute()
  const list = createRoute({
    getParentRoute: () => root,
    path: 'list/$kind',
    params: {
      parse: ({ kind }) => ({ kind: Number(kind) }),
      stringify: ({ kind }) => ({ kind: String(kind) }),
    },
    validateSearch: (search: { page?: number } & SearchSchemaInput) => ({
      page: Number(search.page ?? 1),
    }),
    loaderDeps: ({ search }) => ({ page: search.page }),
    loader: ({ params, deps }) => `kind ${params.kind + 1}, page ${deps.page}`,
  })
  const routeTree = root.addChildren([list])

  test('what a page gets is checked and converted, and what links give may be less', async () => {
    same<(typeof list)['types']['params'], { kind: number }>(true)
    same<(typeof list)['types']['search'], { page: number }>(true)
    same<(typeof list)['types']['searchInput'], { page?: number }>(true)
    same<(typeof list)['types']['loaderData'], string>(true)
    const router = createRouter({ routeTree, history: at('/list/4?page=2') })
    await router.load()
    expect(router.state.matches[1]).toMatchObject({
      params: { kind: 4 },
      search: { page: 2 },
      loaderData: 'kind 5, page 2',
    })
  })

  test('locations are built from parameters, search, hash and what is there now', async () => {
    const router = createRouter({ routeTree, history: at('/list/4?page=2#top') })
    await router.load()
    const build = (options: object) => router.buildLooseLocation(options).href
    expect(build({ to: '/list/$kind', params: { kind: 9 }, search: { page: 3 } })).toBe(
      '/list/9?page=3',
    )
    expect(build({ search: (now: { page: number }) => ({ page: now.page + 1 }) })).toBe(
      '/list/4?page=3',
    )
    expect(build({ search: true, hash: true })).toBe('/list/4?page=2#top')
    expect(build({ to: '..' })).toBe('/list')
    expect(build({ params: { kind: 5 } })).toBe('/list/5')
  })

  test('search that its route refuses is an error of that route', async () => {
    const strict = createRoute({
      getParentRoute: () => root,
      path: 'strict',
      validateSearch: (search: Record<string, unknown>): { n: number } => {
        if (typeof search.n !== 'number') throw new Error('n must be a number')
        return { n: search.n }
      },
    })
    const router = createRouter({
      routeTree: root.addChildren([strict]),
      history: at('/strict?n=x'),
    })
    await router.load()
    expect(router.state.matches.at(-1)).toMatchObject({ status: 'error' })
    expect(router.state.statusCode).toBe(500)
  })
})

describe('loading', () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }))
  afterEach(() => jest.useRealTimers())

  test('beforeLoad runs from the root down and builds the context; loaders run together', async () => {
    const order: string[] = []
    const root = createRootRouteWithContext<{ user: string }>()({
      beforeLoad: ({ context }) => {
        order.push(`root before ${context.user}`)
        return { role: 'admin' }
      },
      loader: async () => {
        order.push('root loader')
        await Promise.resolve()
        order.push('root loaded')
      },
    })
    const page = createRoute({
      getParentRoute: () => root,
      path: '/',
      beforeLoad: ({ context }) => {
        order.push(`page before ${context.role}`)
      },
      loader: ({ context }) => {
        order.push('page loader')
        return `${context.user} is ${context.role}`
      },
    })
    same<(typeof page)['types']['context'], { user: string; role: string }>(true)
    const router = createRouter({
      routeTree: root.addChildren([page]),
      history: at('/'),
      context: { user: 'ann' },
    })
    await router.load()
    expect(router.state.matches[1]?.loaderData).toBe('ann is admin')
    expect(order).toEqual([
      'root before ann',
      'page before admin',
      'root loader',
      'page loader',
      'root loaded',
    ])
  })

  test('a redirect is followed and leaves no entry', async () => {
    const root = createRootRoute()
    const old = createRoute({
      getParentRoute: () => root,
      path: 'old',
      beforeLoad: () => {
        throw redirect({ href: '/new' })
      },
    })
    const fresh = createRoute({ getParentRoute: () => root, path: 'new' })
    const router = createRouter({ routeTree: root.addChildren([old, fresh]), history: at('/') })
    await router.navigateLoosely({ to: '/old' })
    expect(router.state.location.pathname).toBe('/new')
    expect(router.history.length).toBe(2)
  })

  test('notFound goes to the nearest route that shows it, other errors stay where they arose', async () => {
    const root = createRootRoute()
    const users = createRoute({
      getParentRoute: () => root,
      path: 'users',
      notFoundComponent: () => null,
    })
    const user = createRoute({
      getParentRoute: () => users,
      path: '$id',
      loader: ({ params }) => {
        if (params.id === '0') throw notFound()
        throw new Error('boom')
      },
    })
    const routeTree = root.addChildren([users.addChildren([user])])
    const missing = createRouter({ routeTree, history: at('/users/0') })
    await missing.load()
    expect(missing.state.matches).toHaveLength(2)
    expect(missing.state.matches[1]).toMatchObject({ routeId: '/users', status: 'notFound' })
    expect(isNotFound(missing.state.matches[1]?.error)).toBe(true)

    const broken = createRouter({ routeTree, history: at('/users/1') })
    await broken.load()
    expect(broken.state.matches[2]).toMatchObject({ routeId: '/users/$id', status: 'error' })
  })

  test('a route that showed something missing opens again for its next page', async () => {
    const root = createRootRoute()
    const users = createRoute({
      getParentRoute: () => root,
      path: 'users',
      notFoundComponent: () => null,
    })
    const user = createRoute({
      getParentRoute: () => users,
      path: '$id',
      loader: ({ params }) => {
        if (params.id === '0') throw notFound()
        return params.id
      },
    })
    const routeTree = root.addChildren([users.addChildren([user])])
    const router = createRouter({ routeTree, history: at('/users/0') })
    await router.load()
    await router.navigateLoosely({ to: '/users/1' })
    expect(router.state.matches.map((match) => match.status)).toEqual([
      'success',
      'success',
      'success',
    ])
    expect(router.state.matches[2]?.loaderData).toBe('1')
  })

  test('a newer navigation wins over one that is still loading', async () => {
    const answers = new Map<string, (text: string) => void>()
    const aborted: string[] = []
    const root = createRootRoute()
    const page = createRoute({
      getParentRoute: () => root,
      path: '$name',
      loader: ({ params, abortController }) => {
        abortController.signal.addEventListener('abort', () => aborted.push(params.name))
        return new Promise<string>((resolve) => answers.set(params.name, resolve))
      },
    })
    const router = createRouter({ routeTree: root.addChildren([page]), history: at('/') })
    void router.navigateLoosely({ to: '/first' })
    await settle()
    void router.navigateLoosely({ to: '/second' })
    await settle()
    expect(aborted).toEqual(['first'])
    answers.get('second')?.('2')
    await settle()
    answers.get('first')?.('1')
    await settle()
    expect(router.state.matches[1]).toMatchObject({ params: { name: 'second' }, loaderData: '2' })
  })

  test('a page seen before shows its older data at once and is refreshed behind it', async () => {
    let calls = 0
    const root = createRootRoute()
    const a = createRoute({
      getParentRoute: () => root,
      path: 'a',
      loader: async () => (calls += 1),
    })
    const b = createRoute({ getParentRoute: () => root, path: 'b' })
    const router = createRouter({ routeTree: root.addChildren([a, b]), history: at('/a') })
    await router.load()
    await router.navigateLoosely({ to: '/b' })
    const seen: unknown[] = []
    router.listen(() =>
      seen.push(router.state.matches.find((match) => match.routeId === '/a')?.loaderData),
    )
    await router.navigateLoosely({ to: '/a' })
    await settle()
    expect(seen.filter(Boolean)).toEqual([1, 2])
  })

  test('staleTime spares the loader, invalidate does not', async () => {
    let calls = 0
    const root = createRootRoute()
    const a = createRoute({
      getParentRoute: () => root,
      path: 'a',
      staleTime: 1000,
      loader: () => (calls += 1),
    })
    const router = createRouter({ routeTree: root.addChildren([a]), history: at('/a') })
    await router.load()
    await router.load()
    expect(calls).toBe(1)
    await router.invalidate()
    expect(calls).toBe(2)
    jest.advanceTimersByTime(1000)
    await router.load()
    expect(calls).toBe(3)
  })

  test('what was preloaded is there when it is visited', async () => {
    let calls = 0
    const root = createRootRoute()
    const a = createRoute({ getParentRoute: () => root, path: 'a', loader: () => (calls += 1) })
    const router = createRouter({ routeTree: root.addChildren([a]), history: at('/') })
    await router.load()
    await router.preloadLocation(router.locationOf('/a?x=1#top'))
    await router.navigateLoosely({ to: '/a' })
    await settle()
    expect(calls).toBe(1)
    expect(router.state.matches[1]?.loaderData).toBe(1)
  })

  test('the pending component shows after pendingMs, then for pendingMinMs', async () => {
    let answer: (text: string) => void = () => {}
    const root = createRootRoute()
    const index = createRoute({ getParentRoute: () => root, path: '/' })
    const slow = createRoute({
      getParentRoute: () => root,
      path: 'slow',
      pendingComponent: () => null,
      loader: () => new Promise<string>((resolve) => (answer = resolve)),
    })
    const router = createRouter({ routeTree: root.addChildren([index, slow]), history: at('/') })
    await router.load()
    const last = () => router.state.matches.at(-1)
    void router.navigateLoosely({ to: '/slow' })
    await settle()
    jest.advanceTimersByTime(999)
    expect(last()?.routeId).toBe('/')
    jest.advanceTimersByTime(1)
    expect(last()).toMatchObject({ routeId: '/slow', status: 'pending' })
    answer('done')
    await settle()
    expect(last()?.status).toBe('pending')
    jest.advanceTimersByTime(500)
    await settle()
    expect(last()).toMatchObject({ status: 'success', loaderData: 'done' })
  })

  test('hooks tell of coming, staying and going', async () => {
    const heard: string[] = []
    const root = createRootRoute()
    const hooksFor = (name: string) => ({
      onEnter: () => heard.push(`enter ${name}`),
      onStay: () => heard.push(`stay ${name}`),
      onLeave: () => heard.push(`leave ${name}`),
    })
    const a = createRoute({ getParentRoute: () => root, path: 'a', ...hooksFor('a') })
    const b = createRoute({ getParentRoute: () => root, path: 'b', ...hooksFor('b') })
    const router = createRouter({ routeTree: root.addChildren([a, b]), history: at('/a') })
    await router.load()
    await router.navigateLoosely({ to: '/a', search: { x: 1 } })
    await router.navigateLoosely({ to: '/b' })
    expect(heard).toEqual(['enter a', 'stay a', 'leave a', 'enter b'])
  })
})

describe('history', () => {
  test('back and forward move through the entries, a push cuts off what was ahead', () => {
    const history = createMemoryHistory()
    const heard: string[] = []
    history.subscribe(({ location, action }) => heard.push(`${action} ${location.href}`))
    history.push('/a')
    history.push('/b?x=1#h')
    history.back()
    history.forward()
    history.go(-2)
    history.push('/c')
    history.replace('/d')
    expect(heard).toEqual([
      'PUSH /a',
      'PUSH /b?x=1#h',
      'BACK /a',
      'FORWARD /b?x=1#h',
      'GO /',
      'PUSH /c',
      'REPLACE /d',
    ])
    expect(history.length).toBe(2)
    expect(history.location).toMatchObject({ pathname: '/d', search: '', hash: '' })
  })
})
