/** The page that waits for a model: it starts the download by itself. */
import "./elements/wait-for-bundle.js";
