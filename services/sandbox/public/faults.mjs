import { button, byId, cell, cellWith, row } from './elements.mjs';
import { request } from './requests.mjs';

const form = byId('fault-form');
let inForce = { seed: 1, rules: [] };
let shown = '';

/** Makes the form work; `whenChanged` is called after every attempt to change the faults. */
export async function openFaultForm(whenChanged) {
  const { operations, faults } = await request('GET', '/sandbox/choices');
  form.elements.operation.append(...operations.map((name) => new Option(name)));
  form.elements.fault.append(...faults.map((name) => new Option(name)));

  const replace = async (seed, rules) => {
    try {
      await request('PUT', '/sandbox/faults', { seed, rules });
      byId('fault-problem').textContent = '';
    } catch (error) {
      byId('fault-problem').textContent = error.message;
    }
    whenChanged();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const seed = form.elements.seed.value === '' ? inForce.seed : Number(form.elements.seed.value);
    void replace(seed, [...inForce.rules, ruleOf(new FormData(form))]);
  });
  byId('clear-faults').addEventListener('click', () => void replace(inForce.seed, []));
  byId('faults').addEventListener('remove-fault', ({ detail: place }) => {
    void replace(inForce.seed, inForce.rules.toSpliced(place, 1));
  });
}

/** Shows which faults are in force and how often each has struck. */
export function showFaults(faults, strikes) {
  inForce = faults;
  // Rows are replaced only when they changed, so that no click goes to a row that has just gone.
  const current = JSON.stringify([faults, strikes]);
  if (current === shown) return;
  shown = current;
  const lines = faults.rules.map((rule, place) => lineOf(rule, place, strikes[place] ?? 0));
  const none = Object.assign(cell('none: the world is kind'), { colSpan: 8 });
  byId('faults').tBodies[0].replaceChildren(...(lines.length === 0 ? [row([none])] : lines));
}

function lineOf({ operation, fault, probability = 1, times = 'no end', delayMs, match = {} }, place, strikes) {
  const only = Object.entries(match).map(([name, value]) => `${name} ${value}`);
  const values = [operation, fault, probability, times, delayMs, only.join(', '), strikes];
  const remove = () => byId('faults').dispatchEvent(new CustomEvent('remove-fault', { detail: place }));
  return row([...values.map((value) => cell(value)), cellWith(button('remove', remove))]);
}

/** A field that is left empty is not part of the rule. */
function ruleOf(data) {
  const given = [...data].filter(([name, text]) => text !== '' && name !== 'seed');
  const pick = (names, read) =>
    Object.fromEntries(given.filter(([name]) => names.includes(name)).map(([name, text]) => [name, read(text)]));
  const match = pick(['orderId', 'paymentMethod', 'email'], String);
  return {
    ...pick(['operation', 'fault'], String),
    ...pick(['probability', 'times', 'delayMs'], Number),
    ...(Object.keys(match).length === 0 ? {} : { match }),
  };
}
