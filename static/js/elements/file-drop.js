// Takes a dropped file into the form's own file input, and tells a file that is too large at once.

class FileDrop extends HTMLElement {
  connectedCallback() {
    this.ended = new AbortController();
    const { signal } = this.ended;
    this.input = this.querySelector("input[type=file]");
    this.message = this.querySelector("[data-message]");
    for (const name of ["dragenter", "dragover"]) {
      this.addEventListener(name, (event) => this.over(event, true), { signal });
    }
    this.addEventListener("dragleave", (event) => this.over(event, false), { signal });
    this.addEventListener("drop", (event) => this.drop(event), { signal });
    this.input.addEventListener("change", () => this.tell(), { signal });
    this.tell(); // one that was chosen before this script ran
  }

  disconnectedCallback() {
    this.ended.abort();
  }

  over(event, isOver) {
    event.preventDefault();
    this.classList.toggle("is-over", isOver);
  }

  drop(event) {
    this.over(event, false);
    if (event.dataTransfer.files.length === 1) {
      this.input.files = event.dataTransfer.files;
      this.tell();
    } else {
      this.message.textContent = "Drop one file: each file becomes its own dataset.";
    }
  }

  tell() {
    const file = this.input.files[0];
    if (!file) return;
    const limit = Number(this.dataset.limit);
    const megabytes = (bytes) => {
      const size = bytes / 1024 ** 2;
      return `${size < 100 ? size.toFixed(1) : Math.round(size).toLocaleString("en-US")} MB`;
    };
    const isTooLarge = file.size > limit;
    // The server refuses it too, but only after the browser has begun to send.
    for (const button of this.input.form.querySelectorAll("button[type=submit]")) {
      button.disabled = isTooLarge;
    }
    this.message.classList.toggle("error", isTooLarge);
    this.message.textContent = isTooLarge
      ? `${file.name} is ${megabytes(file.size)}; the limit is ${megabytes(limit)}.`
      : `${file.name}, ${megabytes(file.size)}`;
  }
}
customElements.define("file-drop", FileDrop);
