/** The editor of a report: leaving with something unsaved asks first. Its buttons are the form's own. */

const form = document.querySelector("[data-report-form]");
// A form that the server answered with (a block was moved, a save refused) holds what isn't saved yet.
// A button pressed before this script ran must not be asked about, so that counts only once all is loaded.
let isChanged = false;
let isSent = false;
window.addEventListener("load", () => (isChanged ||= form.hasAttribute("data-unsaved")));
form.addEventListener("input", () => (isChanged = true));
form.addEventListener("submit", () => (isSent = true));
window.addEventListener("pageshow", (event) => event.persisted && (isSent = false));
window.addEventListener("beforeunload", (event) => isChanged && !isSent && event.preventDefault());
