import { z } from 'zod';
import { HttpProblem } from '../problem.ts';
import { TokenAreas, TokenName, TokenRole } from '../tokens.ts';
import { type Operation, operation, reading, writing } from './operation.ts';
import type { RestParts } from './parts.ts';

const tag = 'tokens';

/** Keys for programs. */
export function tokenOperations({ tokens }: RestParts): Operation[] {
  return [
    operation({
      id: 'tokens', method: 'get', at: '/tokens', tag, summary: 'Keys for programs; never the keys themselves', access: 'read', answer: { type: 'object', properties: { tokens: { type: 'array', items: { $ref: '#/components/schemas/Token' } } } },
      run: ({ require }) => { require(reading('sys', 'sys token list')); return { tokens: tokens.list() }; },
    }),
    operation({
      id: 'token_add', method: 'post', at: '/tokens', tag, summary: 'Make a key; it is told this once', access: 'write',
      body: z.object({ name: TokenName, role: TokenRole, areas: TokenAreas.optional() }), answer: z.object({ name: z.string(), token: z.string() }),
      run: async ({ require, body, author }) => {
        require(writing('sys', 'sys token add'));
        return { name: body.name, token: await tokens.add({ ...body, by: author }) };
      },
    }),
    operation({
      id: 'token_remove', method: 'delete', at: '/tokens/{name}', tag, summary: 'Make a key worthless', access: 'write', path: { name: { schema: z.string(), help: 'of the list of tokens' } },
      run: async ({ require, path: { name } }) => {
        require(writing('sys', 'sys token remove'));
        if (!tokens.list().some((t) => t.name === name)) throw new HttpProblem(404, `there is no token '${name.slice(0, 60)}'`);
        await tokens.remove(name);
      },
    }),
  ];
}
