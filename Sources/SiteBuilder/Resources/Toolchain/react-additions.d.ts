
/** What React 19 adds to the declarations above. */
declare namespace React {
    type Usable<T> = PromiseLike<T> | Context<T>;
    /** Reads a promise (suspends) or a context; may stand in a condition or a loop. */
    function use<T>(usable: Usable<T>): T;

    function useActionState<State>(
        action: (state: Awaited<State>) => State | Promise<State>,
        initialState: Awaited<State>,
        permalink?: string,
    ): [state: Awaited<State>, dispatch: () => void, isPending: boolean];
    function useActionState<State, Payload>(
        action: (state: Awaited<State>, payload: Payload) => State | Promise<State>,
        initialState: Awaited<State>,
        permalink?: string,
    ): [state: Awaited<State>, dispatch: (payload: Payload) => void, isPending: boolean];

    function useOptimistic<State>(
        passthrough: State,
    ): [State, (action: State | ((pendingState: State) => State)) => void];
    function useOptimistic<State, Action>(
        passthrough: State,
        reducer: (state: State, action: Action) => State,
    ): [State, (action: Action) => void];

    /** A callback that always sees the latest props and state and is not a dependency of the effect that calls it. */
    function useEffectEvent<T extends Function>(callback: T): T;

    interface ActivityProps {
        mode?: 'hidden' | 'visible' | undefined;
        name?: string | undefined;
        children?: ReactNode | undefined;
    }
    const Activity: ExoticComponent<ActivityProps>;

    function cache<CachedFunction extends Function>(fn: CachedFunction): CachedFunction;
    function cacheSignal(): null | AbortSignal;
    function captureOwnerStack(): string | null;

    function act(callback: () => Promise<void>): Promise<void>;
    function act<T>(callback: () => Promise<T>): Promise<T>;
    function act(callback: () => VoidOrUndefinedOnly): void;
    function act<T>(callback: () => T): T;

    interface HTMLAttributes<T> {
        inert?: boolean | undefined;
        nonce?: string | undefined;
        popover?: '' | 'auto' | 'manual' | 'hint' | undefined;
    }
    interface AriaAttributes {
        'aria-braillelabel'?: string | undefined;
        'aria-brailleroledescription'?: string | undefined;
        'aria-description'?: string | undefined;
    }
    interface DOMAttributes<T> {
        onToggle?: ToggleEventHandler<T> | undefined;
        onBeforeToggle?: ToggleEventHandler<T> | undefined;
        onTransitionCancel?: TransitionEventHandler<T> | undefined;
        onTransitionCancelCapture?: TransitionEventHandler<T> | undefined;
        onTransitionRun?: TransitionEventHandler<T> | undefined;
        onTransitionRunCapture?: TransitionEventHandler<T> | undefined;
        onTransitionStart?: TransitionEventHandler<T> | undefined;
        onTransitionStartCapture?: TransitionEventHandler<T> | undefined;
    }
    interface ToggleEvent<T = Element> extends SyntheticEvent<T> {
        newState: 'closed' | 'open';
        oldState: 'closed' | 'open';
    }
    type ToggleEventHandler<T = Element> = EventHandler<ToggleEvent<T>>;

    interface ButtonHTMLAttributes<T> {
        popoverTarget?: string | undefined;
        popoverTargetAction?: 'toggle' | 'show' | 'hide' | undefined;
    }
    interface InputHTMLAttributes<T> {
        popoverTarget?: string | undefined;
        popoverTargetAction?: 'toggle' | 'show' | 'hide' | undefined;
    }
    interface DialogHTMLAttributes<T> {
        closedby?: 'any' | 'closerequest' | 'none' | undefined;
    }
    interface DetailsHTMLAttributes<T> {
        name?: string | undefined;
    }
    interface ImgHTMLAttributes<T> {
        fetchPriority?: 'high' | 'low' | 'auto' | undefined;
    }
    interface LinkHTMLAttributes<T> {
        blocking?: 'render' | (string & {}) | undefined;
        disabled?: boolean | undefined;
        fetchPriority?: 'high' | 'low' | 'auto' | undefined;
        precedence?: string | undefined;
    }
    interface ScriptHTMLAttributes<T> {
        blocking?: 'render' | (string & {}) | undefined;
        fetchPriority?: 'high' | 'low' | 'auto' | undefined;
    }
    interface StyleHTMLAttributes<T> {
        blocking?: 'render' | (string & {}) | undefined;
        href?: string | undefined;
        precedence?: string | undefined;
    }

    namespace JSX {
        type ElementType = string | JSXElementConstructor<any>;
        interface IntrinsicElements {
            search: DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement>;
        }
    }
}
