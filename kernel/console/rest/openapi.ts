import { z, type ZodType } from 'zod';
import { shapeOf } from '../../cli/schema.ts';
import type { JsonSchema } from '../settings-schema.ts';
import { settingsSchema } from '../settings-schema.ts';
import type { Operation, Parameter } from './operation.ts';
import type { RestParts } from './parts.ts';
import { schemas } from './schemas.ts';

const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const settingsName = (id: string): string => `settings.${id}`;

/** zod's JSON Schema, without the dialect that the document states once. */
export function schemaOf(schema: ZodType): JsonSchema {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return json;
}

const answerSchema = (answer: Operation['answer']): JsonSchema => {
  if (typeof answer === 'string') return ref(answer);
  return answer instanceof z.ZodType ? schemaOf(answer) : (answer as JsonSchema);
};

const parameter = (where: 'path' | 'query') => ([name, p]: [string, Parameter]) => ({
  name, in: where, required: where === 'path' || !shapeOf(p.schema).optional, description: p.help, schema: schemaOf(p.schema),
});

/** OpenAPI 3.1.0 of these operations. */
export function openApi(operations: readonly Operation[], { router }: RestParts): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const o of operations) (paths[o.at] ??= {})[o.method] = described(o);
  const sections = router.config.sections;
  return {
    openapi: '3.1.0',
    info: {
      title: 'lancell', version: router.version,
      description: 'Everything the console of this router can do. Edits of settings collect in one candidate; a commit puts them into force, all or nothing. What plugins bring (x-lancell-plugin) comes and goes with them.',
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { session: [] }],
    tags: [...new Set(operations.map((o) => o.tag))].sort().map((name) => ({ name })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: { ...schemas, ...Object.fromEntries(sections.map((s) => [settingsName(s.id), settingsSchema(s.schema, `#/components/schemas/${settingsName(s.id)}`)])) },
      responses: { Problem: { description: 'What went wrong, in a sentence', content: { 'application/json': { schema: ref('Problem') } } } },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of this router (sys token add)' },
        session: { type: 'apiKey', in: 'cookie', name: 'lancell_session', description: 'A log-in of a browser; over HTTPS the name is __Host-lancell_session' },
      },
    },
  };
}

function described(o: Operation): JsonSchema {
  const parameters = [...Object.entries(o.path ?? {}).map(parameter('path')), ...Object.entries(o.query ?? {}).map(parameter('query'))];
  const media = o.media ?? 'application/json';
  return {
    operationId: o.id, tags: [o.tag], summary: o.summary,
    ...(o.description === undefined ? {} : { description: o.description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(o.body === undefined ? {} : { requestBody: bodyOf(o) }),
    responses: {
      ...(o.answer === undefined ? { 204: { description: 'Done' } } : { 200: { description: o.summary, content: { [media]: { schema: answerSchema(o.answer) } } } }),
      default: { $ref: '#/components/responses/Problem' },
    },
    ...(o.open === true ? { security: [] } : {}),
    'x-lancell-access': o.access,
    ...(o.plugin === undefined ? {} : { 'x-lancell-plugin': o.plugin }),
  };
}

function bodyOf({ body, bodySchema }: Operation): JsonSchema {
  if (body !== undefined && 'octets' in body) return { required: true, content: { [body.octets]: {} } };
  const schema = body as ZodType;
  const needs = (bodySchema?.['required'] as readonly string[] | undefined) ?? [];
  return { required: needs.length > 0 || !schema.safeParse({}).success, content: { 'application/json': { schema: bodySchema ?? schemaOf(schema) } } };
}
