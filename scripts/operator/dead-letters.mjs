import { LaunchError } from '../lib/errors.mjs';
import { renderTable } from '../terminal/table.mjs';
import { SERVICES } from './operator-api.mjs';
import { misused, requireNote } from './usage.mjs';

/** `dead-letters`: messages that a service has given up. Ids are unique, so nobody has to say whose a letter is. */
export const deadLetters = async (api, [action = 'list', id], options) => {
  switch (action) {
    case 'list':
      return list(api);
    case 'show':
      return show(await find(api, id));
    case 'redrive':
      return change(api, await find(api, id), 'redrive');
    case 'discard':
      return change(api, await find(api, id), 'discard', { note: requireNote(options.note) });
    default:
      throw misused(`dead-letters does not know "${action}".`);
  }
};

const list = async (api) => {
  const found = [];
  for (const service of SERVICES) {
    const letters = await api.list(service, '/operator/dead-letters');
    found.push(...letters.map((letter) => ({ service, ...letter })));
  }
  const rows = found.map(({ service, id, type, attempts, deadLetteredAt, reason }) => ({
    service,
    id,
    type,
    attempts,
    since: deadLetteredAt,
    reason,
  }));
  return { data: found, text: rows.length === 0 ? 'There are no dead letters.' : renderTable(rows) };
};

const show = ({ service, letter }) => {
  const { stack, text, base64, ...facts } = letter;
  const lines = Object.entries({ service, ...facts }).map(([fact, value]) => ({ fact, value }));
  const body = text ?? `${base64} (base64: the bytes are no text)`;
  return { data: { service, ...letter }, text: [renderTable(lines), body, stack ?? ''].join('\n\n').trimEnd() };
};

const change = async (api, { service, letter }, action, body) => {
  const path = `/operator/dead-letters/${letter.id}/${action}`;
  const data = { service, ...(await api.post(service, path, body)) };
  return { data, text: `${data.outcome}: ${letter.type ?? 'message'} ${letter.id} of the ${service} service` };
};

const find = async (api, id) => {
  if (!id) throw misused('Which dead letter?');
  for (const service of SERVICES) {
    const found = await api.find(service, `/operator/dead-letters/${encodeURIComponent(id)}`);
    if (found !== undefined) return { service, letter: found.body };
  }
  throw new LaunchError(`No service has a dead letter ${id}; it was redriven or discarded, or never was one.`);
};
