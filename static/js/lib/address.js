/** The page's query, kept in step with what people choose. Each part of a page writes its own names. */

const REST_MS = 150; // browsers refuse an address that changes with every move of a pointer
const writers = new Set();
let timer = 0;
let written = 0;

/** As the standard writes it, but what separates the parts of a value stays readable. */
export function readable(query) {
  return query.toString().replace(/%(3A|3B|2C|2F|3D)/g, (code) => decodeURIComponent(code));
}

/**
 * @param {(query: URLSearchParams) => void} write sets its names, or deletes them
 * @returns {() => void} call it after each change
 */
export function keptInAddress(write) {
  writers.add(write);
  return () => {
    clearTimeout(timer);
    timer = setTimeout(writeAddress, Math.max(0, written + REST_MS - Date.now()));
  };
}

/** Write now what waits, before somebody reads the address. */
export function writeAddress() {
  clearTimeout(timer);
  written = Date.now();
  const query = new URLSearchParams(window.location.search);
  for (const write of writers) write(query);
  const text = readable(query);
  window.history.replaceState(window.history.state, "", (text ? `?${text}` : window.location.pathname) + window.location.hash);
}
