/** What the visitor chose. `system` follows the device and is the absence of a choice. */
export type Theme = 'system' | 'light' | 'dark'

export const themes: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

const storageKey = 'lilypad-theme'

export const isTheme = (value: unknown): value is Theme =>
  themes.some((theme) => theme.value === value)

/** The stored choice. Storage may be forbidden; then every visit starts with the system's. */
export function storedTheme(): Theme {
  try {
    const value = localStorage.getItem(storageKey)
    return isTheme(value) ? value : 'system'
  } catch {
    return 'system'
  }
}

/** Shows a theme: the stylesheet reads `data-theme`, and falls back to the device where it is missing. */
export function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

export function chooseTheme(theme: Theme): void {
  showTheme(theme)
  try {
    if (theme === 'system') localStorage.removeItem(storageKey)
    else localStorage.setItem(storageKey, theme)
  } catch {
    // The choice then lasts as long as the page.
  }
}

/** Follows a choice made in another tab. Answers the function that stops. */
export function watchTheme(changed: (theme: Theme) => void): () => void {
  const listener = (event: StorageEvent) => {
    if (event.key !== storageKey && event.key !== null) return
    const theme = storedTheme()
    showTheme(theme)
    changed(theme)
  }
  window.addEventListener('storage', listener)
  return () => window.removeEventListener('storage', listener)
}
