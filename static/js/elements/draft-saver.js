/** Keeps the form as a draft while somebody types; shows both versions when another tab kept its own. */
import { changedControls, formBody } from "../lib/form-fields.js";

const PAUSE = 1200; // milliseconds without typing before the draft is kept

class DraftSaver extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const { signal } = this.stop;
    const form = this.closest("form");
    for (const name of ["input", "change", "plan-changed"]) {
      form.addEventListener(name, () => this.later(), { signal });
    }
    form.addEventListener("submit", () => clearTimeout(this.timer), { signal });
    if (changedControls(form).length > 0) this.later();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.stop.abort();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  async save() {
    if (this.saving) return this.later();
    this.saving = true;
    try {
      const body = formBody(this.closest("form"));
      const response = await fetch(this.dataset.save, { method: "POST", body });
      await this.answered(response);
    } catch {
      this.say("Not saved: the server can't be reached. The next change tries again.");
    } finally {
      this.saving = false;
    }
  }

  async answered(response) {
    if (response.status === 409) return this.conflict(await response.json());
    if (!response.headers.get("content-type")?.startsWith("application/json")) {
      return this.say("Not saved: sign in again in another tab.");
    }
    const answer = await response.json();
    if (!response.ok) return this.say(`Not saved: ${answer.error}`);
    this.querySelector("[name=revision]").value = answer.revision;
    this.say(`Draft saved ${answer.saved}`);
  }

  say(text) {
    this.querySelector("[data-saved]").textContent = text;
  }

  /** Two tabs: nothing is overwritten before the person has chosen. */
  conflict(answer) {
    this.say("Not saved: another tab saved this draft.");
    if (this.dialog?.open) return;
    this.dialog = conflictDialog(answer);
    document.body.append(this.dialog);
    this.dialog.addEventListener("close", () => {
      if (this.dialog.returnValue === "mine") {
        this.querySelector("[name=revision]").value = answer.revision;
        this.save();
      }
      if (this.dialog.returnValue === "theirs") location.assign(this.closest("form").getAttribute("action"));
      this.dialog.remove();
    });
    this.dialog.showModal();
  }
}

function conflictDialog({ saved, differences }) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  dialog.setAttribute("aria-label", "Two versions of the draft");
  const form = document.createElement("form");
  form.method = "dialog";
  const title = document.createElement("h2");
  title.textContent = `Another tab saved this draft at ${saved}`;
  const table = document.createElement("table");
  table.className = "table-dense conflict-table my-3";
  const rows = [["", "This tab", "Other tab"], ...differences.map((each) => [each.field, each.mine, each.theirs])];
  for (const texts of rows) {
    const row = table.insertRow();
    for (const text of texts) row.insertCell().textContent = text === "" ? "–" : text;
  }
  form.append(title, table, button("mine", "Keep mine", "btn btn-primary me-2"), button("theirs", "Use the other", "btn me-2"), button("", "Later", "btn btn-link"));
  dialog.append(form);
  return dialog;
}

function button(value, label, look) {
  const made = document.createElement("button");
  made.value = value;
  made.className = look;
  made.textContent = label;
  return made;
}

customElements.define("draft-saver", DraftSaver);
