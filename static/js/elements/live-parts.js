/** Parts of an experiment's page that the server draws anew while the search runs. */
import { LivePart } from "../lib/live-part.js";

/** The rungs of the pruner. */
class RungTable extends LivePart {}

/** What came from elsewhere: what people queued, and trials reused from earlier searches. */
class AddedConfigurations extends LivePart {
  /** It changes when something is queued, which the feed tells, and when trials begin and end: not with an epoch. */
  concerns({ events, experiment, trials }) {
    const isSame = experiment.state === this.state && experiment.total === this.total;
    this.state = experiment.state;
    this.total = experiment.total;
    return !isSame || events.length > 0 || !trials || trials.own.state.some((state) => state !== "running");
  }
}

customElements.define("rung-table", RungTable);
customElements.define("added-configurations", AddedConfigurations);
