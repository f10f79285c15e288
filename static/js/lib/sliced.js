/** Work in slices, so that no frame waits for it: a generator is driven some steps a frame, more where frames are quick. */

const FRAME_MS = 50; // a canvas draws after the script has ended: only the next frame tells what a slice took
const LEAST = 4;
const MOST = 64;

/** Steps of the next slice. @param {number} steps of the last one @param {number} took milliseconds until the next frame */
export function nextSteps(steps, took) {
  if (took > FRAME_MS) return Math.max(LEAST, Math.floor(steps / 2));
  return took < FRAME_MS / 2 ? Math.min(MOST, steps * 2) : steps;
}

export class Sliced {
  #frame = 0;
  #work = null;
  #steps = LEAST;
  isBusy = false;

  /** Begin; what was under way is dropped. @param {Iterator} work */
  start(work) {
    this.stop();
    this.isBusy = true;
    this.#work = work;
    const go = () => {
      const began = performance.now();
      for (let step = 0; step < this.#steps; step += 1) {
        if (!work.next().done) continue;
        this.isBusy = false;
        return;
      }
      this.#frame = requestAnimationFrame(() => {
        this.#steps = nextSteps(this.#steps, performance.now() - began);
        go();
      });
    };
    go();
  }

  /** Do the rest at once. */
  finish() {
    cancelAnimationFrame(this.#frame);
    while (this.isBusy) this.isBusy = !this.#work.next().done;
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.isBusy = false;
  }
}
