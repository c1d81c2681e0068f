/** Small plots as SVG text. Numbers are mapped here; words and colours come from whoever asks. */

const WIDTH = 960;
/** Wide enough for the names of the lanes, so that everything over time shares one axis. */
const LEFT = 116;
const RIGHT = 12;
const PLOT = WIDTH - LEFT - RIGHT;

export const escape = (text) =>
  String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const round = (number) => Math.round(number * 10) / 10;

/** Whole steps of 1, 2 or 5 times a power of ten, about `count` of them up to the maximum. */
const ticksUpTo = (max, count) => {
  const rough = Math.max(max, 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, index) => index * step);
};

const svg = (height, title, body) =>
  `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">${body}</svg>`;

const frame = (height, max, unit) => {
  const y = (value) => height - (value / max) * height;
  return ticksUpTo(max, 4)
    .map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(tick) + 8)}" y2="${round(y(tick) + 8)}"/>` +
        `<text class="tick" x="${LEFT - 6}" y="${round(y(tick) + 12)}" text-anchor="end">${tick}${unit}</text>`,
    )
    .join('');
};

const seconds = (height, endS) =>
  ticksUpTo(endS, 10)
    .map(
      (tick) =>
        `<text class="tick" x="${round(LEFT + (tick / endS) * PLOT)}" y="${height}" text-anchor="middle">${tick} s</text>`,
    )
    .join('');

const healedLine = (healedAtS, endS, height) => {
  const x = round(LEFT + (healedAtS / endS) * PLOT);
  return `<line class="healed" x1="${x}" x2="${x}" y1="0" y2="${height}"><title>all faults are healed</title></line>`;
};

/** A thin line wherever something was struck. `marks`: [{ second, color, told }] */
const strikeLines = (marks, endS, height) =>
  marks
    .map(({ second, color, told }) => {
      const x = round(LEFT + (second / endS) * PLOT);
      return `<line x1="${x}" x2="${x}" y1="0" y2="${height}" stroke="${color}" opacity="0.45"><title>${escape(told)}</title></line>`;
    })
    .join('');

/** Columns per second, one kind upon the other. `kinds`: [{ key, color, name }], the first one lowest. */
export const stackedSeconds = (rows, kinds, { endS, healedAtS, title, marks = [] }) => {
  const height = 150;
  const max = Math.max(1, ...rows.map((row) => kinds.reduce((sum, { key }) => sum + row[key], 0)));
  const width = PLOT / endS;
  const columns = rows.map((row) => {
    let top = height + 8;
    const told = kinds.map(({ key, name }) => `${row[key]} ${name}`).join(', ');
    const parts = kinds.map(({ key, color }) => {
      const size = (row[key] / max) * height;
      top -= size;
      return size === 0
        ? ''
        : `<rect x="${round(LEFT + row.second * width)}" y="${round(top)}" width="${round(Math.max(0.6, width - 0.4))}" height="${round(size)}" fill="${color}"/>`;
    });
    return `<g><title>second ${row.second}: ${told}</title>${parts.join('')}</g>`;
  });
  return svg(
    height + 28,
    title,
    frame(height, max, '') +
      columns.join('') +
      strikeLines(marks, endS, height + 8) +
      healedLine(healedAtS, endS, height + 8) +
      seconds(height + 24, endS),
  );
};

/** Lines over the seconds; a second without a value breaks the line. `lines`: [{ key, color }] */
export const linesOverSeconds = (rows, lines, { endS, healedAtS, unit, title }) => {
  const height = 130;
  const max = Math.max(1, ...rows.flatMap((row) => lines.map(({ key }) => row[key] ?? 0)));
  const x = (second) => round(LEFT + ((second + 0.5) / endS) * PLOT);
  const y = (value) => round(8 + height - (value / max) * height);
  const paths = lines.map(({ key, color }) => {
    let isDown = false;
    const path = rows.map((row) => {
      if (row[key] === null) {
        isDown = false;
        return '';
      }
      const step = `${isDown ? 'L' : 'M'}${x(row.second)} ${y(row[key])}`;
      isDown = true;
      return step;
    });
    return `<path d="${path.join('')}" fill="none" stroke="${color}" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"/>`;
  });
  return svg(
    height + 28,
    title,
    frame(height, max, unit) + paths.join('') + healedLine(healedAtS, endS, height + 8) + seconds(height + 24, endS),
  );
};

/** What was broken when: a row per lane, a bar per fault, and a thin tail until the system had recovered. */
export const faultLanes = (strikes, laneColors, { endS, healedAtS, title }) => {
  const lanes = Object.keys(laneColors).filter((lane) => strikes.some((strike) => strike.lane === lane));
  const rowHeight = 20;
  const x = (ms) => LEFT + (ms / 1_000 / endS) * PLOT;
  const bars = strikes
    .filter(({ struckMs }) => struckMs !== undefined)
    .map(({ lane, fault, target, struckMs, healedMs = struckMs, recoveredMs }) => {
      const y = lanes.indexOf(lane) * rowHeight + 4;
      const until = recoveredMs ?? healedMs;
      const told = `${fault} of ${target} at ${round(struckMs / 1_000)} s${recoveredMs ? `, recovered after ${round((recoveredMs - struckMs) / 1_000)} s` : ''}`;
      return (
        `<g fill="${laneColors[lane]}"><title>${escape(told)}</title>` +
        `<rect x="${round(x(struckMs))}" y="${y + 4}" width="${round(Math.max(1, x(until) - x(struckMs)))}" height="5" opacity="0.35"/>` +
        `<rect x="${round(x(struckMs))}" y="${y}" width="${round(Math.max(3, x(healedMs) - x(struckMs)))}" height="13" rx="2"/></g>`
      );
    });
  const names = lanes.map(
    (lane, index) =>
      `<text class="tick" x="${LEFT - 6}" y="${index * rowHeight + 15}" text-anchor="end">${lane}</text>`,
  );
  const height = lanes.length * rowHeight;
  const healed = round(x(healedAtS * 1_000));
  const ticks = ticksUpTo(endS, 10).map(
    (tick) =>
      `<text class="tick" x="${round(x(tick * 1_000))}" y="${height + 18}" text-anchor="middle">${tick} s</text>`,
  );
  const line = `<line class="healed" x1="${healed}" x2="${healed}" y1="0" y2="${height}"><title>all faults are healed</title></line>`;
  return svg(height + 24, title, names.join('') + bars.join('') + line + ticks.join(''));
};

/** A dot per value, a row per name, and a bar at the median. `rows`: [{ name, color, values, median }], values in seconds. */
export const dotRows = (rows, { unit, title }) => {
  const rowHeight = 22;
  const left = 150;
  const max = Math.max(1, ...rows.flatMap(({ values }) => values));
  const x = (value) => round(left + (value / max) * (WIDTH - left - 30));
  const body = rows.map(({ name, color, values, median }, index) => {
    const y = index * rowHeight + 12;
    const dots = values.map(
      (value) =>
        `<circle cx="${x(value)}" cy="${y}" r="4" fill="${color}" opacity="0.6"><title>${escape(name)}: ${round(value)}${unit}</title></circle>`,
    );
    return (
      `<text class="tick" x="${left - 10}" y="${y + 4}" text-anchor="end">${escape(name)}</text>` +
      `<line class="grid" x1="${left}" x2="${WIDTH - 30}" y1="${y}" y2="${y}"/>${dots.join('')}` +
      `<rect x="${x(median) - 1}" y="${y - 7}" width="2.5" height="14" fill="currentColor"><title>median ${round(median)}${unit}</title></rect>`
    );
  });
  const height = rows.length * rowHeight;
  const ticks = ticksUpTo(max, 8).map(
    (tick) => `<text class="tick" x="${x(tick)}" y="${height + 16}" text-anchor="middle">${tick}${unit}</text>`,
  );
  return svg(height + 22, title, body.join('') + ticks.join(''));
};

/** Horizontal bars with their numbers. `rows`: [{ name, value, color }] */
export const bars = (rows, { title }) => {
  const rowHeight = 24;
  const left = 150;
  const max = Math.max(1, ...rows.map(({ value }) => value));
  const body = rows.map(({ name, value, color }, index) => {
    const y = index * rowHeight;
    const width = round((value / max) * (WIDTH - left - 90));
    return (
      `<text class="tick" x="${left - 10}" y="${y + 16}" text-anchor="end">${escape(name)}</text>` +
      `<rect x="${left}" y="${y + 4}" width="${Math.max(1, width)}" height="16" rx="2" fill="${color}"/>` +
      `<text class="value" x="${left + width + 8}" y="${y + 17}">${value}</text>`
    );
  });
  return svg(rows.length * rowHeight + 4, title, body.join(''));
};
