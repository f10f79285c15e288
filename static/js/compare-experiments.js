/** The comparison of whole experiments: their lines, and their tables. */
import "./elements/compared-now.js";
import "./elements/search-lines.js";
import { startDifferences } from "./lib/difference-rows.js";

startDifferences();
