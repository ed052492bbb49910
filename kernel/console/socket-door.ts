import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Door, Doors, ListenAt, Listening } from './doors.ts';
import type { ServiceName } from './remote.ts';

/** A door for a protocol that takes bare sockets (SSH, Telnet). Who is not admitted is cut off without a word. */
export function socketDoor(name: ServiceName, doors: Pick<Doors, 'admits'>, accept: (socket: Socket, from: string) => void): Door {
  return {
    name,
    listen: async (at: ListenAt): Promise<Listening> => {
      const server = createServer((socket) => {
        // An error without a listener would end the process.
        socket.on('error', () => socket.destroy());
        if (!doors.admits(name, socket)) {
          socket.destroy();
          return;
        }
        try {
          accept(socket, (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/i, ''));
        } catch (error) {
          // A client that waits for an answer for ever would be worse.
          socket.destroy();
          throw error;
        }
      });
      await listening(server, at);
      const found = server.address() as AddressInfo | null;
      return {
        host: found?.address ?? at.host, port: found?.port ?? at.port,
        close: () => new Promise((done) => { server.close(() => done()); }),
      };
    },
  };
}

const listening = (server: Server, at: ListenAt): Promise<void> => new Promise((resolve, reject) => {
  server.once('error', reject);
  server.listen(at.fd === undefined ? { port: at.port, host: at.host } : { fd: at.fd() }, () => {
    server.off('error', reject);
    server.on('error', () => {});
    resolve();
  });
});
