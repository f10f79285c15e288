/** Copies what a `data-copy` button names: its own text, or the text of the element it points at. */

/** @param {HTMLElement} button with data-copy="text", or data-copy-from="#selector" */
export async function copyText(button) {
  const source = button.dataset.copyFrom ? document.querySelector(button.dataset.copyFrom) : null;
  const text = source ? source.textContent ?? "" : button.dataset.copy || window.location.href;
  await navigator.clipboard.writeText(text);
  const label = button.querySelector("[data-copy-label]") ?? button;
  const before = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => {
    label.textContent = before;
  }, 1500);
}
