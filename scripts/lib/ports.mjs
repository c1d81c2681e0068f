import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

/** Below Linux' ephemeral range (32768 and up), so that no outgoing connection can take a port between check and use. */
const FREE_PORT_RANGE = { from: 22_000, to: 31_999 };

export const isPortFree = (port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });

export const acceptsConnections = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

/** Picks a port such that it and every port the given offsets above are free. */
export const findFreePortBase = async (offsets) => {
  for (;;) {
    const base = randomInt(FREE_PORT_RANGE.from, FREE_PORT_RANGE.to - Math.max(...offsets));
    const free = await Promise.all(offsets.map((offset) => isPortFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
};

const handedOut = new Set();

/**
 * Picks ports nobody listens on, and none that this process has picked before. Random, so that several test runs on one
 * machine rarely try the same ones.
 */
export const findFreePorts = async (count) => {
  const ports = [];
  while (ports.length < count) {
    const candidate = randomInt(FREE_PORT_RANGE.from, FREE_PORT_RANGE.to);
    if (handedOut.has(candidate) || !(await isPortFree(candidate))) continue;
    handedOut.add(candidate);
    ports.push(candidate);
  }
  return ports;
};
