import { chooseTheme, isTheme, storedTheme, themes, watchTheme } from '../../theme/theme.ts'
import { element } from './element.ts'

/** The choice of colours, as in the application's header. */
export function addThemeChoice(place: HTMLElement): void {
  const select = element('select', { 'aria-label': 'Colours' })
  for (const { value, label } of themes) select.append(element('option', { value }, label))
  select.value = storedTheme()
  select.addEventListener('change', () => {
    if (isTheme(select.value)) chooseTheme(select.value)
  })
  watchTheme((theme) => {
    select.value = theme
  })
  place.append(select)
}
