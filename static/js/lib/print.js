/** What drawings must know of paper. */

/** Whether the page is being printed: charts are then drawn finer than a screen shows. */
export const isPrinting = () => document.documentElement.classList.contains("is-printing");

/** Pixels of a drawing for each one of the page, on paper. */
export const PAPER_RATIO = 3;
