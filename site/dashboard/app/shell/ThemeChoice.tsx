import { useEffect, useState } from 'react'
import { chooseTheme, isTheme, storedTheme, themes, watchTheme } from '../../../theme/theme.ts'

export function ThemeChoice() {
  const [theme, setTheme] = useState(storedTheme)
  useEffect(() => watchTheme(setTheme), [])
  return (
    <label className="ms-auto">
      <span className="sr-only">Colours</span>
      <select
        className="field"
        value={theme}
        onChange={(event) => {
          const { value } = event.target
          if (!isTheme(value)) return
          chooseTheme(value)
          setTheme(value)
        }}
      >
        {themes.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  )
}
