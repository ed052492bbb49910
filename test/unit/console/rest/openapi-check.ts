type Node = Record<string, unknown>;

const isNode = (v: unknown): v is Node => typeof v === 'object' && v !== null && !Array.isArray(v);
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const fixedFields: Readonly<Record<string, readonly string[]>> = {
  document: ['openapi', 'info', 'jsonSchemaDialect', 'servers', 'paths', 'webhooks', 'components', 'security', 'tags', 'externalDocs'],
  info: ['title', 'summary', 'description', 'termsOfService', 'contact', 'license', 'version'],
  license: ['name', 'identifier', 'url'],
  server: ['url', 'description', 'variables'],
  tag: ['name', 'description', 'externalDocs'],
  components: ['schemas', 'responses', 'parameters', 'examples', 'requestBodies', 'headers', 'securitySchemes', 'links', 'callbacks', 'pathItems'],
  pathItem: ['$ref', 'summary', 'description', ...methods, 'servers', 'parameters'],
  operation: ['tags', 'summary', 'description', 'externalDocs', 'operationId', 'parameters', 'requestBody', 'responses', 'callbacks', 'deprecated', 'security', 'servers'],
  parameter: ['name', 'in', 'description', 'required', 'deprecated', 'allowEmptyValue', 'style', 'explode', 'allowReserved', 'schema', 'example', 'examples', 'content'],
  requestBody: ['description', 'content', 'required'],
  mediaType: ['schema', 'example', 'examples', 'encoding'],
  response: ['description', 'headers', 'content', 'links'],
  securityScheme: ['type', 'description', 'name', 'in', 'scheme', 'bearerFormat', 'flows', 'openIdConnectUrl'],
};

/** What OpenAPI 3.1.0 and JSON Schema 2020-12 say against this document; empty: nothing. */
export function faultsOf(document: unknown): string[] {
  const faults: string[] = [];
  const say = (at: string, what: string): void => { faults.push(`${at}: ${what}`); };
  if (!isNode(document)) return ['the document is no object'];
  const node = (at: string, v: unknown, kind?: string): Node => {
    if (!isNode(v)) { say(at, 'must be an object'); return {}; }
    if (kind !== undefined) for (const key of Object.keys(v)) if (!key.startsWith('x-') && !fixedFields[kind]!.includes(key)) say(at, `a ${kind} has no '${key}'`);
    return v;
  };
  const list = (at: string, v: unknown): unknown[] => { if (v === undefined) return []; if (!Array.isArray(v)) { say(at, 'must be a list'); return []; } return v; };
  const text = (at: string, v: unknown, needed = true): void => { if (v === undefined ? needed : typeof v !== 'string' || (needed && v === '')) say(at, 'must be a text'); };
  const target = (ref: string): unknown => ref.replace(/^#\//, '').split('/').reduce<unknown>((at, step) => (isNode(at) || Array.isArray(at) ? (at as Node)[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')] : undefined), document);
  const reference = (at: string, v: Node): boolean => {
    if (v['$ref'] === undefined) return false;
    if (typeof v['$ref'] !== 'string' || !v['$ref'].startsWith('#/') || target(v['$ref']) === undefined) say(at, `the reference ${String(v['$ref'])} leads nowhere`);
    return true;
  };

  const types = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'];
  const schema = (at: string, v: unknown): void => {
    if (typeof v === 'boolean') return;
    const s = node(at, v);
    reference(at, s);
    const type = s['type'];
    if (type !== undefined && !(Array.isArray(type) ? type.length > 0 && new Set(type).size === type.length && type.every((t) => types.includes(t as string)) : types.includes(type as string))) say(at, `no type: ${JSON.stringify(type)}`);
    for (const key of ['title', 'description', 'pattern', 'format', '$id', '$schema', 'contentMediaType', 'contentEncoding']) if (s[key] !== undefined) text(`${at}/${key}`, s[key], false);
    if (typeof s['pattern'] === 'string') try { new RegExp(s['pattern'], 'u'); } catch { say(at, `the pattern ${s['pattern']} is none`); }
    for (const key of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']) if (s[key] !== undefined && typeof s[key] !== 'number') say(`${at}/${key}`, 'must be a number');
    for (const key of ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties']) if (s[key] !== undefined && !(Number.isInteger(s[key]) && (s[key] as number) >= 0)) say(`${at}/${key}`, 'must be a count');
    for (const key of ['readOnly', 'writeOnly', 'deprecated', 'uniqueItems']) if (s[key] !== undefined && typeof s[key] !== 'boolean') say(`${at}/${key}`, 'must be true or false');
    const required = list(`${at}/required`, s['required']);
    if (new Set(required).size !== required.length || required.some((r) => typeof r !== 'string')) say(`${at}/required`, 'must be different names');
    if (s['enum'] !== undefined && list(`${at}/enum`, s['enum']).length === 0) say(`${at}/enum`, 'is empty');
    for (const key of ['properties', 'patternProperties', '$defs', 'dependentSchemas']) if (s[key] !== undefined) for (const [name, each] of Object.entries(node(`${at}/${key}`, s[key]))) schema(`${at}/${key}/${name}`, each);
    for (const key of ['items', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else', 'contains', 'unevaluatedProperties']) if (s[key] !== undefined) schema(`${at}/${key}`, s[key]);
    for (const key of ['allOf', 'anyOf', 'oneOf', 'prefixItems']) if (s[key] !== undefined) {
      const each = list(`${at}/${key}`, s[key]);
      if (each.length === 0) say(`${at}/${key}`, 'is empty');
      for (const [i, one] of each.entries()) schema(`${at}/${key}/${i}`, one);
    }
  };
  const content = (at: string, v: unknown): void => {
    for (const [media, each] of Object.entries(node(at, v))) {
      if (!/^[\w.+-]+\/[\w.+*-]+$/.test(media)) say(at, `'${media}' is no media type`);
      const m = node(`${at}/${media}`, each, 'mediaType');
      if (m['schema'] !== undefined) schema(`${at}/${media}/schema`, m['schema']);
    }
  };
  const response = (at: string, v: unknown): void => {
    const r = node(at, v);
    if (reference(at, r)) return;
    node(at, v, 'response');
    text(`${at}/description`, r['description']);
    if (r['content'] !== undefined) content(`${at}/content`, r['content']);
  };

  node('#', document, 'document');
  if (!/^3\.1\.\d+$/.test(String(document['openapi']))) say('#/openapi', 'must be 3.1.x');
  const info = node('#/info', document['info'], 'info');
  text('#/info/title', info['title']);
  text('#/info/version', info['version']);
  if (info['license'] !== undefined) text('#/info/license/name', node('#/info/license', info['license'], 'license')['name']);
  for (const [i, s] of list('#/servers', document['servers']).entries()) text(`#/servers/${i}/url`, node(`#/servers/${i}`, s, 'server')['url']);
  const tags = list('#/tags', document['tags']).map((t, i) => node(`#/tags/${i}`, t, 'tag')['name']);
  if (new Set(tags).size !== tags.length) say('#/tags', 'a tag stands twice');
  const components = node('#/components', document['components'] ?? {}, 'components');
  for (const [kind, all] of Object.entries(components)) for (const name of Object.keys(node(`#/components/${kind}`, all))) if (!/^[\w.-]+$/.test(name)) say(`#/components/${kind}`, `'${name}' cannot be a name`);
  for (const [name, s] of Object.entries(node('#/components/schemas', components['schemas'] ?? {}))) schema(`#/components/schemas/${name}`, s);
  for (const [name, r] of Object.entries(node('#/components/responses', components['responses'] ?? {}))) response(`#/components/responses/${name}`, r);
  const schemes = node('#/components/securitySchemes', components['securitySchemes'] ?? {});
  for (const [name, each] of Object.entries(schemes)) {
    const s = node(`#/components/securitySchemes/${name}`, each, 'securityScheme');
    if (s['type'] === 'apiKey' ? typeof s['name'] !== 'string' || !['query', 'header', 'cookie'].includes(s['in'] as string) : s['type'] === 'http' ? typeof s['scheme'] !== 'string' : !['mutualTLS', 'oauth2', 'openIdConnect'].includes(s['type'] as string)) say(`#/components/securitySchemes/${name}`, 'is not complete');
  }
  const security = (at: string, v: unknown): void => list(at, v).forEach((each, i) => { for (const name of Object.keys(node(`${at}/${i}`, each))) if (!Object.hasOwn(schemes, name)) say(`${at}/${i}`, `there is no security scheme '${name}'`); });
  security('#/security', document['security']);

  const ids = new Set<unknown>();
  const shapes = new Set<string>();
  for (const [path, item] of Object.entries(node('#/paths', document['paths']))) {
    const at = `#/paths/${path}`;
    if (!path.startsWith('/')) say(at, 'must begin with /');
    const shape = path.replace(/\{[^}]*\}/g, '{}');
    if (shapes.has(shape)) say(at, 'stands twice under other parameter names');
    shapes.add(shape);
    const templates = [...path.matchAll(/\{([^}]+)\}/g)].map((m) => m[1]);
    for (const [method, each] of Object.entries(node(at, item, 'pathItem'))) {
      if (!methods.includes(method)) continue;
      const here = `${at}/${method}`;
      const o = node(here, each, 'operation');
      text(`${here}/operationId`, o['operationId']);
      if (ids.has(o['operationId'])) say(here, `the operationId ${String(o['operationId'])} stands twice`);
      ids.add(o['operationId']);
      for (const t of list(`${here}/tags`, o['tags'])) if (!tags.includes(t)) say(here, `the tag ${String(t)} is not described`);
      if (o['security'] !== undefined) security(`${here}/security`, o['security']);
      const seen = new Set<string>();
      list(`${here}/parameters`, o['parameters']).forEach((v, i) => {
        const p = node(`${here}/parameters/${i}`, v, 'parameter');
        text(`${here}/parameters/${i}/name`, p['name']);
        if (!['query', 'header', 'path', 'cookie'].includes(p['in'] as string)) say(`${here}/parameters/${i}`, `in: ${String(p['in'])}`);
        if (p['in'] === 'path' && (p['required'] !== true || !templates.includes(p['name'] as string))) say(`${here}/parameters/${i}`, 'a path parameter is required, and stands in the path');
        if ((p['schema'] === undefined) === (p['content'] === undefined)) say(`${here}/parameters/${i}`, 'needs a schema or content');
        if (p['schema'] !== undefined) schema(`${here}/parameters/${i}/schema`, p['schema']);
        const key = `${String(p['in'])} ${String(p['name'])}`;
        if (seen.has(key)) say(here, `the parameter ${key} stands twice`);
        seen.add(key);
      });
      for (const t of templates) if (!seen.has(`path ${t}`)) say(here, `{${t}} is not described`);
      if (o['requestBody'] !== undefined) {
        const b = node(`${here}/requestBody`, o['requestBody'], 'requestBody');
        content(`${here}/requestBody/content`, b['content']);
        if (method === 'get') say(here, 'a GET has no body');
      }
      const responses = Object.entries(node(`${here}/responses`, o['responses']));
      if (responses.length === 0) say(here, 'has no responses');
      for (const [code, r] of responses) {
        if (!/^([1-5](\d\d|XX)|default)$/.test(code)) say(here, `'${code}' is no status`);
        response(`${here}/responses/${code}`, r);
      }
    }
  }
  return faults;
}
