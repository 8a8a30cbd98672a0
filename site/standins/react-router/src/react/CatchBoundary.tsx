import { Component, type ErrorInfo, type ReactNode } from 'react'

interface Props {
  /** A new value gives the children another chance. */
  resetKey: unknown
  /** What to show for an error; `undefined` leaves it to the next boundary above. */
  fallback: (error: Error, reset: () => void) => ReactNode | undefined
  onCatch?: (error: Error) => void
  children: ReactNode
}

/** Shows something else when its children throw while rendering. */
export class CatchBoundary extends Component<
  Props,
  { error: Error | undefined; resetKey: unknown }
> {
  override state: { error: Error | undefined; resetKey: unknown } = {
    error: undefined,
    resetKey: this.props.resetKey,
  }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  static getDerivedStateFromProps(props: Props, state: { resetKey: unknown }) {
    return props.resetKey === state.resetKey ? null : { error: undefined, resetKey: props.resetKey }
  }

  override componentDidCatch(error: Error, _info: ErrorInfo) {
    this.props.onCatch?.(error)
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    const fallback = this.props.fallback(error, () => this.setState({ error: undefined }))
    if (fallback === undefined) throw error
    return fallback
  }
}
