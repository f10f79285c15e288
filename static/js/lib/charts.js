/** Chart.js arrives with the first chart: a page that draws none does without its 60 kB. */
let asked = null;

/** `Chart` is null until it is there. */
export const library = { Chart: null };

/** Resolves once `library.Chart` is there; a failed fetch is asked again by the next chart. */
export function loadCharts() {
  asked ??= import("./chart-library.js").then(
    ({ Chart }) => {
      library.Chart = Chart;
    },
    (error) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}
