// guacamole-lite 1.2.0 as it comes, in a process of its own: it prints, catches signals and dies.
// Plain JavaScript, to run without a loader. Speaks with stock-server.ts by messages.
import GuacamoleLite from 'guacamole-lite';

const { guacd, key, scenario } = JSON.parse(process.argv[2]);
const waiting = [];
const until = () => new Promise((resolve) => waiting.push(resolve));
const registry = new Map();
const callbacks = {
  rejects: {
    processConnectionSettings: (_settings, done) => done(new Error('not allowed')),
  },
  decidesLater: {
    async processConnectionSettings(settings, done) {
      await until();
      settings.connection.hostname = 'decided';
      done(undefined, settings);
      process.send({ event: 'decided' });
    },
  },
  slowRegistry: {
    sessionRegistry: {
      async get() {
        process.send({ event: 'asked' });
        await until();
        return { guacdHost: guacd.host, guacdPort: guacd.port, joinedConnections: [] };
      },
      async set() {},
      async delete() {},
    },
  },
};

let offset = 0;
const now = Date.now.bind(Date);
Date.now = () => now() + offset;

const server = new GuacamoleLite(
  { port: 0, host: '127.0.0.1' },
  guacd,
  {
    maxInactivityTime: 0,
    crypt: { cypher: 'AES-256-CBC', key },
    log: { level: scenario === 'debug' ? 'DEBUG' : 'NORMAL' },
  },
  callbacks[scenario] ?? { sessionRegistry: registry },
);

server.on('open', (connection) => {
  process.send({ event: 'open', id: connection.connectionId });
});
server.on('close', () => process.send({ event: 'close' }));

process.on('message', ({ act, value }) => {
  if (act === 'go') for (const resolve of waiting.splice(0)) resolve();
  if (act === 'later') offset += value;
  process.send({
    event: 'did',
    act,
    registry: [...registry.values()],
    idle: [...server.activeConnections.values()].map(
      ({ lastActivity }) => Date.now() - lastActivity,
    ),
    active: server.activeConnections.size,
    clients: server.webSocketServer.clients.size,
  });
});
process.on('disconnect', () => process.exit());

server.webSocketServer.on('listening', () => {
  process.send({ event: 'listening', port: server.webSocketServer.address().port });
});
