// What a documentation page can do beyond being read. The page is complete without it.
import { showTheme, storedTheme } from '../theme/theme.ts'
import { addCopyButtons } from './_parts/copyButtons.ts'
import { followReading } from './_parts/outlineMark.ts'
import { addSearchBox } from './_parts/searchBox.ts'
import { addThemeChoice } from './_parts/themeChoice.ts'

showTheme(storedTheme())

for (const place of document.querySelectorAll<HTMLElement>('[data-theme-choice]')) {
  addThemeChoice(place)
}
for (const [index, place] of document
  .querySelectorAll<HTMLElement>('[data-docs-search]')
  .entries()) {
  addSearchBox(place, String(index))
}
addCopyButtons(document)

const outline = document.querySelector<HTMLElement>('.outline')
if (outline) followReading(outline)
