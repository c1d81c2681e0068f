/** The least that a server can do with a POST: read the body, answer it. Its argument is the port. */
import { createServer } from 'node:http';

createServer((incoming, outgoing) => {
  const chunks = [];
  incoming.on('data', (chunk) => chunks.push(chunk));
  incoming.once('end', () => outgoing.end(JSON.stringify(JSON.parse(Buffer.concat(chunks)))));
}).listen(Number(process.argv[2]), '127.0.0.1');
