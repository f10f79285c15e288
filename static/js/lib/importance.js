/** The importance of the hyperparameters for every chart of the page: asked once, then kept. */
import { ask } from "./ask.js";
import { Kept } from "./kept.js";

const reports = new Kept();

/** @param {string} src @param {boolean} [anew] @returns {Promise<object>} of importance.json */
export const loadImportance = (src, anew = false) => reports.get(src, () => ask(src), anew);
