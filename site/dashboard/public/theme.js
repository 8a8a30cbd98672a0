// Runs before the first paint, which a module does not: a chosen theme must not follow a flash of the other one. The
// page's policy allows no inline script for it. The application (theme/theme.ts) takes over from here.
try {
  const theme = localStorage.getItem('lilypad-theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is forbidden; the device's theme it is.
}
