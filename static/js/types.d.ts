/** Types that several modules share; nothing of this is built. Modules say `@param {Theme} theme`. */

type Theme = ReturnType<typeof import("./lib/palette.js").readTheme>;
type TrialStore = import("./lib/trial-store.js").TrialStore;
/** A body of docs/guide/chart-data.md, which names its fields, and what a chart draws of it: as typed as parsed JSON is. */
type ReportJson = ReturnType<typeof JSON.parse>;
/** Options of a chart's fields, by `data-option`. */
type Options = Record<string, any>;
/** Rows of a chart's table, the head first. */
type Rows = (string | number | boolean | null | undefined)[][];
type Dataset = Record<string, any>;
/** What Chart.js draws; its own types know no theme, no `null` in data and none of our plugins. */
interface ChartConfig {
  type: string;
  data: { datasets: Dataset[]; labels?: unknown[] };
  options: Record<string, any>;
}
/** A plugin of Chart.js: only the hooks that ours have. */
interface ChartPlugin {
  id: string;
  [hook: string]: unknown;
}

/**
 * What a selector finds. Which element that is the template says: members of fields, dialogs and links are
 * known on each, and undefined where it has none.
 */
type Found = HTMLElement &
  Pick<HTMLInputElement, "checked" | "defaultChecked" | "disabled" | "files" | "form" | "indeterminate" | "labels" | "name" | "type" | "value"> &
  Pick<HTMLSelectElement, "options" | "selectedOptions" | "setCustomValidity" | "reportValidity"> &
  Pick<HTMLDialogElement, "close" | "open" | "showModal"> &
  Pick<HTMLAnchorElement, "href" | "search"> &
  Pick<HTMLTimeElement, "dateTime"> &
  Pick<HTMLTableCellElement, "colSpan"> &
  Pick<HTMLCanvasElement, "getContext" | "toDataURL"> &
  Pick<HTMLFormElement, "elements" | "requestSubmit" | "submit">;
interface ParentNode {
  querySelector<K extends keyof HTMLElementTagNameMap>(selectors: K): HTMLElementTagNameMap[K] | null;
  querySelector<E extends Element = Found>(selectors: string): E | null;
  querySelectorAll<K extends keyof HTMLElementTagNameMap>(selectors: K): NodeListOf<HTMLElementTagNameMap[K]>;
  querySelectorAll<E extends Element = Found>(selectors: string): NodeListOf<E>;
}
interface Element {
  closest<K extends keyof HTMLElementTagNameMap>(selector: K): HTMLElementTagNameMap[K] | null;
  closest<E extends Element = Found>(selectors: string): E | null;
}
/** A target may be the document or the window, which have none of these. */
interface EventTarget {
  closest?(selectors: string): Found | null;
  addEventListener(
    type: OwnEvent,
    listener: (event: CustomEvent<ReportJson>) => void,
    options?: AddEventListenerOptions,
  ): void;
}
/** Events that carry a report or what has changed. */
type OwnEvent = "news" | "trials" | "change" | "trouble";

/** The context of a canvas that draws SVG: svgcanvas has no types of its own. */
declare module "svgcanvas/dist/svgcanvas.esm.js" {
  export class Context {
    constructor(options: Record<string, unknown>);
    font: string;
    [member: string]: any;
  }
}
interface HTMLFormControlsCollection {
  /** A control by its name, where one has it. */
  [name: string]: any;
}
interface Window {
  Chart: unknown; // a chart can be looked at from the browser's console
}
