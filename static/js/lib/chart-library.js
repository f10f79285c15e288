/** Chart.js with what the charts use, and no more. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Filler,
  LineController,
  LineElement,
  LinearScale,
  LogarithmicScale,
  PointElement,
  ScatterController,
  Tooltip,
} from "chart.js";

Chart.register(
  BarController, BarElement, CategoryScale, Filler, LineController, LineElement,
  LinearScale, LogarithmicScale, PointElement, ScatterController, Tooltip,
);
window.Chart = Chart; // a chart can be looked at from the browser's console

export { Chart };
