/** The editor of a report: leaving with something unsaved asks first. Its buttons are the form's own. */
import { changedControls } from "./lib/form-fields.js";

const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-report-form]"));
// A form that the server answered with (a block was moved, a save refused) holds what isn't saved yet, and so
// does one that was written in before this script ran. A button pressed by then must not be asked about: both
// count only once all is loaded.
let isChanged = false;
let isSent = false;
window.addEventListener("load", () => (isChanged ||= form.hasAttribute("data-unsaved") || changedControls(form).length > 0));
form.addEventListener("input", () => (isChanged = true));
form.addEventListener("submit", () => (isSent = true));
window.addEventListener("pageshow", (event) => event.persisted && (isSent = false));
window.addEventListener("beforeunload", (event) => isChanged && !isSent && event.preventDefault());
