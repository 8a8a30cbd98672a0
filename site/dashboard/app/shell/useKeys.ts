import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { isTyping, keyStep } from './keys.ts'

/** The keys that mean the same on every page. */
export function useKeys(showHelp: () => void) {
  const navigate = useNavigate()
  const prefix = useRef(false)
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return
      if (event.key === 'Escape' && isTyping(event.target)) {
        // The field would also be emptied. In a dialog the key closes it.
        if (!document.querySelector('dialog[open]')) event.preventDefault()
        ;(event.target as HTMLElement).blur()
        return
      }
      if (isTyping(event.target) || document.querySelector('dialog[open]')) return
      const step = keyStep(event.key, prefix.current)
      prefix.current = step.kind === 'prefix'
      if (step.kind === 'none' || step.kind === 'prefix') return
      event.preventDefault()
      if (step.kind === 'go') void navigate({ to: step.to })
      if (step.kind === 'help') showHelp()
      if (step.kind === 'find') document.querySelector<HTMLInputElement>('[data-find]')?.focus()
    }
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [navigate, showHelp])
}
