// One small script, so that both generators have one to compile and name by its content.
for (const block of document.querySelectorAll<HTMLPreElement>('pre')) {
  const button = document.createElement('button')
  button.textContent = 'Copy'
  button.addEventListener('click', () => void navigator.clipboard.writeText(block.innerText))
  block.before(button)
}
