/** Keeps fresh what came from elsewhere: what people queued, and what was taken over from earlier searches. */
import { ToldPart } from "../lib/told-part.js";

class TakenOver extends ToldPart {
  /** It changes when something is queued, which the feed tells, and when trials begin and end: not with an epoch. */
  concerns({ events, experiment, trials }) {
    const isSame = experiment.state === this.state && experiment.total === this.total;
    this.state = experiment.state;
    this.total = experiment.total;
    return !isSame || events.length > 0 || !trials || trials.own.state.some((state) => state !== "running");
  }
}

customElements.define("taken-over", TakenOver);
