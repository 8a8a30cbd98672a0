import type { ParsedLocation } from './location.ts'
import type { RouteMatch } from './match.ts'
import type { AnyRoute } from './route.ts'
import { isNotFound, isRedirect, type NotFoundError } from './signals.ts'
import type { NavigateFn } from './types/links.ts'

/** One attempt to bring an address on screen, or, for a preload, close to it. */
export interface LoadRun {
  matches: RouteMatch[]
  location: ParsedLocation
  preload: boolean
  context: object
  routeOf: (match: RouteMatch) => AnyRoute
  navigate: NavigateFn
  staleTime: (match: RouteMatch, route: AnyRoute) => number
}

/**
 * Runs every `beforeLoad` in order, then all loaders at once. Matches are changed in place and cut off below a failure.
 * Answers the reloads that may happen after the page is shown, since it has older data to show. Throws redirects only.
 */
export async function loadMatches(run: LoadRun): Promise<(() => Promise<RouteMatch>)[]> {
  await runBeforeLoads(run)
  const later: (() => Promise<RouteMatch>)[] = []
  const jobs: Promise<RouteMatch>[] = []
  for (const [index, match] of run.matches.entries()) {
    jobs.push(loadMatch(run, match, jobs[index - 1], later))
  }
  const results = await Promise.allSettled(jobs)
  const reasons = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  )
  const redirected = reasons.find(isRedirect)
  if (redirected) throw redirected

  const missing = run.matches.findIndex((match) => isNotFound(match.error))
  if (missing >= 0) showNotFound(run, missing, run.matches[missing]?.error as NotFoundError)
  return later
}

async function runBeforeLoads(run: LoadRun): Promise<void> {
  let { context } = run
  for (const [index, match] of run.matches.entries()) {
    const { beforeLoad } = run.routeOf(match).options
    match.context = context
    try {
      // Bad search or parameters were found while matching.
      if (match.error) throw match.error
      const own: unknown = await beforeLoad?.({
        ...basics(run, match),
        search: match.search,
        context,
        matches: run.matches,
      })
      context = { ...context, ...(own as object | undefined) }
      match.context = context
    } catch (error) {
      if (isRedirect(error)) throw error
      run.matches.splice(index + 1)
      match.error = error
      match.status = 'error'
    }
  }
}

async function loadMatch(
  run: LoadRun,
  match: RouteMatch,
  parent: Promise<RouteMatch> | undefined,
  later: (() => Promise<RouteMatch>)[],
): Promise<RouteMatch> {
  const route = run.routeOf(match)
  const code = loadComponents(route)
  if (match.status === 'error' && match.error) {
    await code.catch(() => {})
    return match
  }
  const { loader, shouldReload } = route.options
  const parentMatchPromise = Promise.resolve(parent).catch(() => undefined)
  const loaderContext = {
    ...basics(run, match),
    deps: match.loaderDeps,
    context: match.context,
    parentMatchPromise,
  }
  const load = async () => {
    const data: unknown = await loader?.(loaderContext)
    return { ...match, ...succeeded(data) }
  }
  try {
    if (loader && match.status === 'success') {
      const due = match.invalid || Date.now() - match.updatedAt >= run.staleTime(match, route)
      const reload =
        typeof shouldReload === 'function' ? shouldReload(loaderContext) : (shouldReload ?? due)
      if (reload && !run.preload) later.push(load)
      else if (reload) Object.assign(match, await load())
    } else {
      match.isFetching = true
      const [loaded] = await Promise.all([loader ? load() : succeeded(undefined), code])
      Object.assign(match, loaded)
    }
    await code
  } catch (error) {
    if (isRedirect(error)) throw error
    Object.assign(match, { status: 'error', error, isFetching: false })
  }
  return match
}

const succeeded = (loaderData: unknown) => ({
  loaderData,
  status: 'success' as const,
  error: undefined,
  isFetching: false,
  invalid: false,
  updatedAt: Date.now(),
})

function basics(run: LoadRun, match: RouteMatch) {
  return {
    params: match.params as never,
    location: run.location,
    abortController: match.abortController,
    preload: run.preload,
    cause: run.preload ? ('preload' as const) : match.cause,
    navigate: run.navigate,
  }
}

/** The code of everything the route may show, so that showing it needs no further wait. */
async function loadComponents(route: AnyRoute): Promise<void> {
  const { component, errorComponent, notFoundComponent, pendingComponent } = route.options
  const components = [component, errorComponent || undefined, notFoundComponent, pendingComponent]
  await Promise.all(components.map((each) => each?.preload?.()))
}

/** Finds who answers for something missing: the route that is named, or the nearest with a `notFoundComponent`. */
function showNotFound(run: LoadRun, from: number, error: NotFoundError): void {
  let at = from
  const answers = (match: RouteMatch) =>
    error.routeId ? match.routeId === error.routeId : run.routeOf(match).options.notFoundComponent
  while (at > 0 && !answers(run.matches[at] as RouteMatch)) at -= 1
  Object.assign(run.matches[at] as RouteMatch, { status: 'notFound', error, isFetching: false })
  run.matches.splice(at + 1)
}
