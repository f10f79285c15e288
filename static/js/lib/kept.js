/** Answers that are fetched once and kept for all that ask. */
export class Kept {
  #answers = new Map();

  /** @param {string} key @param {() => Promise<any>} fetching @param {boolean} [anew] fetch although it is kept */
  get(key, fetching, anew = false) {
    if (anew || !this.#answers.has(key)) {
      const answer = fetching().catch((error) => this.#forget(key, answer, error));
      this.#answers.set(key, answer);
    }
    return this.#answers.get(key);
  }

  /** What did not arrive is asked for again by whoever asks next. */
  #forget(key, answer, error) {
    if (this.#answers.get(key) === answer) this.#answers.delete(key);
    throw error;
  }
}
