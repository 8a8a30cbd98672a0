import type { AnchorHTMLAttributes, MouseEvent, ReactNode, Ref } from 'react'
import { type ActiveOptions, isActive } from '../active.ts'
import { hasProtocol, isSafeHref } from '../location.ts'
import type { Preload } from '../routerOptions.ts'
import type { LooseNavigateOptions, NavigateOptions, ToPath } from '../types/links.ts'
import { useRouter } from './context.ts'
import { useRouterState } from './hooks.ts'
import { usePreload } from './usePreload.ts'

type AnchorProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href' | 'children'>
type StateProps = AnchorProps | (() => AnchorProps)

interface LinkOwnProps extends AnchorProps {
  ref?: Ref<HTMLAnchorElement>
  activeOptions?: ActiveOptions
  /** Added while the link leads to where we are. Default: the class `active`. */
  activeProps?: StateProps
  inactiveProps?: StateProps
  disabled?: boolean
  preload?: Preload
  preloadDelay?: number
  children?: ReactNode | ((state: { isActive: boolean; isTransitioning: boolean }) => ReactNode)
}

export type LinkProps<TTo extends ToPath = '.'> = LinkOwnProps & NavigateOptions<TTo>

/** An anchor that stays inside the application. What the browser does with anchors, new tabs included, works as usual. */
export function Link<const TTo extends ToPath = '.'>(props: LinkProps<TTo>): ReactNode {
  return <LooseLink {...(props as LinkOwnProps & LooseNavigateOptions)} />
}

const activeByDefault = { className: 'active' }

function LooseLink(props: LinkOwnProps & LooseNavigateOptions): ReactNode {
  const {
    to,
    from,
    params,
    search,
    hash,
    state,
    replace,
    resetScroll,
    hashScrollIntoView,
    ...other
  } = props
  const { reloadDocument, activeOptions, activeProps, inactiveProps, disabled, children, ...more } =
    other
  const { preload, preloadDelay, ref, ...anchor } = more
  const options = {
    to,
    from,
    params,
    search,
    hash,
    state,
    replace,
    resetScroll,
    hashScrollIntoView,
  }

  const router = useRouter()
  const here = useRouterState({ select: (current) => current.location })
  const shown = useRouterState({
    select: (current) => current.resolvedLocation ?? current.location,
  })
  const external = to !== undefined && hasProtocol(to)
  // A relative link moves with the page, so it is worked out anew for each location.
  const location = external ? undefined : router.buildLooseLocation(options)
  const href = location?.href ?? (to !== undefined && isSafeHref(to) ? to : undefined)
  const leavesToBrowser = disabled || external || reloadDocument

  const active = location !== undefined && isActive(shown, location, activeOptions)
  const extra = stateProps(active ? (activeProps ?? activeByDefault) : inactiveProps)
  const className = [anchor.className, extra.className].filter(Boolean).join(' ')
  const { attach, intend, forget, touch } = usePreload(
    location,
    leavesToBrowser ? false : (preload ?? router.options.defaultPreload),
    preloadDelay ?? router.options.defaultPreloadDelay,
  )

  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- it has its href
    <a
      {...anchor}
      {...extra}
      className={className || undefined}
      ref={(node) => {
        attach(node)
        return give(node, ref)
      }}
      href={disabled ? undefined : href}
      {...(disabled && { role: 'link', 'aria-disabled': true })}
      {...(active && { 'data-status': 'active', 'aria-current': 'page' })}
      onClick={(event) => {
        anchor.onClick?.(event)
        if (leavesToBrowser || !isPlainClick(event, anchor.target)) return
        event.preventDefault()
        void router.navigateLoosely(options)
      }}
      onMouseEnter={first(anchor.onMouseEnter, intend)}
      onMouseLeave={first(anchor.onMouseLeave, forget)}
      onFocus={first(anchor.onFocus, intend)}
      onBlur={first(anchor.onBlur, forget)}
      onTouchStart={first(anchor.onTouchStart, touch)}
    >
      {typeof children === 'function'
        ? children({ isActive: active, isTransitioning: here !== shown && here.href === href })
        : children}
    </a>
  )
}

/** Calls the page's own handler, if there is one, and then ours. */
function first<Event>(theirs: ((event: Event) => void) | undefined, ours: () => void) {
  return (event: Event) => {
    theirs?.(event)
    ours()
  }
}

function give(node: HTMLAnchorElement | null, ref: Ref<HTMLAnchorElement> | undefined) {
  if (typeof ref === 'function') return ref(node)
  if (ref) ref.current = node
  return undefined
}

const stateProps = (props: StateProps | undefined): AnchorProps =>
  (typeof props === 'function' ? props() : props) ?? {}

/** Not one that the browser answers with a new tab, a window or a download. */
function isPlainClick(event: MouseEvent, target: string | undefined): boolean {
  const modified = event.metaKey || event.altKey || event.ctrlKey || event.shiftKey
  return (
    !event.defaultPrevented && event.button === 0 && !modified && (!target || target === '_self')
  )
}
