/**
 * Systems that run side by side on one machine and are measured in turn, a few seconds apart, so that each pair of figures
 * comes from the same mood of the machine. Those that wait cost it next to nothing.
 */
import { measureLoad, titleOf, warmUp } from './measurement.mjs';
import { SYSTEMS } from './systems.mjs';

/** A load closer to what a system can do than this measures its backlog. */
const CARRIED_SHARE = 0.9;

export class Field {
  systems = new Map();
  /** By system: the most orders per second it has done. */
  best = new Map();

  constructor(names, options, say) {
    this.names = names;
    this.options = options;
    this.say = say;
  }

  static async start(names, options, say) {
    const field = new Field(names, options, say);
    try {
      for (const name of names) await field.add(name);
      return field;
    } catch (error) {
      await field.stop();
      throw error;
    }
  }

  async add(name) {
    const { title, start } = SYSTEMS[name];
    this.say(`starting ${title} and warming it up for ${this.options.warmUpSeconds} s`);
    const system = await start();
    this.systems.set(name, system);
    await warmUp(system, this.options.warmUpSeconds);
  }

  /** Every load on every system in turn, so often; each round begins with another system. */
  async measureRounds(loads, { rounds = this.options.rounds } = {}) {
    const measurements = [];
    for (let round = 0; round < rounds; round += 1) {
      this.say(`round ${round + 1} of ${rounds}`);
      const order = this.names.map((_, index) => this.names[(index + round) % this.names.length]);
      for (const load of loads)
        for (const name of order) measurements.push({ round, ...(await this.measure(name, load)) });
    }
    return measurements;
  }

  /** @param {{ title?: string, window?: number, rate?: number }} load `title` names it in reports */
  async measure(name, { title, ...load }, times = {}) {
    const about = { system: name, load: title ?? titleOf(load) };
    const best = this.best.get(name) ?? Infinity;
    if (load.rate > best * CARRIED_SHARE) {
      this.say(`${nameCells(about)}  cannot carry it: its best is ${best.toFixed(0)} orders/s`);
      return { ...about, cannotCarry: true, best };
    }
    const measured = await measureLoad(this.systems.get(name), load, { seconds: this.options.seconds, ...times });
    if (load.window) this.best.set(name, Math.max(this.best.get(name) ?? 0, measured.figures.ordersPerSecond));
    this.say(`${nameCells(about)}  ${lineOf(measured.figures)}`);
    return { ...about, ...measured };
  }

  async stop() {
    for (const system of this.systems.values()) await system.stop();
  }
}

const nameCells = ({ system, load }) => `  ${SYSTEMS[system].title.padEnd(32)} ${load.padEnd(26)}`;

const lineOf = ({ ordersPerSecond, p50, p99, cpuMs, statements, commits }) => {
  const seen = `${ordersPerSecond.toFixed(0).padStart(5)} orders/s  p50 ${p50} ms  p99 ${p99} ms`;
  if (cpuMs === undefined) return seen;
  return `${seen}  ${cpuMs.toFixed(2)} CPU ms  ${statements.toFixed(2)} statements  ${commits.toFixed(2)} commits`;
};
