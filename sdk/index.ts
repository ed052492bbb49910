/** Everything a plugin may import. */
export { z } from 'zod';
export * from './cli.ts';
export * from './clock.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './flow.ts';
export * from './history.ts';
export * from './link.ts';
export * from './log.ts';
export * from './machine.ts';
export * from './neighbourhood.ts';
export * from './packet.ts';
export * from './panel.ts';
export * from './plugin.ts';
export * from './scope.ts';
export * from './self.ts';
export * from './token.ts';
export * from './udp.ts';
