/** A plugin as the order of starting sees it; services by name. */
export interface GraphNode {
  readonly id: string;
  readonly needs: readonly string[];
  readonly provides: readonly string[];
}

export interface Order {
  /** Everything that can start, providers first; otherwise as given. */
  readonly order: readonly string[];
  /** Why the others cannot, by id: a sentence for people. */
  readonly blocked: ReadonlyMap<string, string>;
}

/**
 * Sorts plugins by their needs. `lives` says what is there without any of them. Who needs what it provides itself owns
 * that service (a list that others contribute to) and does not wait for it.
 */
export function startOrder(nodes: readonly GraphNode[], lives: (service: string) => boolean): Order {
  const providers = new Map<string, string>();
  for (const node of nodes) for (const service of node.provides) if (!providers.has(service)) providers.set(service, node.id);
  const byId = new Map(nodes.map(node => [node.id, node]));
  const order: string[] = [];
  const blocked = new Map<string, string>();
  const done = new Set<string>();

  const visit = (node: GraphNode, path: readonly string[]): void => {
    if (done.has(node.id) || blocked.has(node.id)) return;
    for (const service of node.needs) {
      if (node.provides.includes(service)) continue;
      const provider = providers.get(service);
      if (provider === undefined) {
        if (lives(service)) continue;
        blocked.set(node.id, `waits for ${service}, which no loaded plugin provides`);
        return;
      }
      const at = path.indexOf(provider);
      if (at >= 0) {
        const circle = path.slice(at);
        const sentence = circleSentence(circle, byId, providers);
        for (const id of circle) blocked.set(id, sentence);
        return;
      }
      visit(byId.get(provider) as GraphNode, [...path, provider]);
      // The visit may have found that this node is part of a circle.
      if (blocked.has(node.id)) return;
      if (blocked.has(provider)) {
        blocked.set(node.id, `waits for ${service} from ${provider}, which cannot start`);
        return;
      }
    }
    done.add(node.id);
    order.push(node.id);
  };
  for (const node of nodes) visit(node, [node.id]);
  return { order, blocked };
}

/** 'a needs b.x from b, b needs a.y from a: a circle, none of them can start'. */
function circleSentence(circle: readonly string[], byId: ReadonlyMap<string, GraphNode>, providers: ReadonlyMap<string, string>): string {
  const steps = circle.map((id, i) => {
    const next = circle[(i + 1) % circle.length] as string;
    const service = byId.get(id)?.needs.find(each => providers.get(each) === next);
    return `${id} needs ${service} from ${next}`;
  });
  return `${steps.join(', ')}: a circle, none of them can start`;
}

/** Who uses whom, as lines: providers at the left margin, their users below them. */
export function drawGraph(nodes: readonly (GraphNode & { readonly state: string })[]): string {
  const providers = new Map<string, string>();
  for (const node of nodes) for (const service of node.provides) providers.set(service, node.id);
  const users = (id: string) => nodes.filter(n => n.id !== id && n.needs.some(s => providers.get(s) === id));
  const roots = nodes.filter(n => n.needs.every(s => { const p = providers.get(s); return p === undefined || p === n.id; }));
  const lines: string[] = [];
  const seen = new Set<string>();
  const label = (n: GraphNode & { readonly state: string }, above: string | undefined) => {
    const services = above === undefined ? [] : n.needs.filter(s => providers.get(s) === above);
    const missing = n.needs.filter(s => !providers.has(s));
    return `${n.id}${n.state === 'active' ? '' : ` [${n.state}]`}${services.length ? ` (${services.join(', ')})` : ''}${missing.length ? ` needs ${missing.join(', ')}` : ''}`;
  };
  const draw = (n: GraphNode & { readonly state: string }, above: string | undefined, indent: string, own: string, path: readonly string[]): void => {
    const below = users(n.id).filter(u => !path.includes(u.id));
    const again = seen.has(n.id) && below.length > 0;
    lines.push(`${own}${label(n, above)}${again ? ' …' : ''}`);
    if (again) return;
    seen.add(n.id);
    below.forEach((user, i) => {
      const last = i === below.length - 1;
      draw(user, n.id, `${indent}${last ? '   ' : '│  '}`, `${indent}${last ? '└─ ' : '├─ '}`, [...path, n.id]);
    });
  };
  for (const root of roots) draw(root, undefined, '', '', []);
  // Only members of circles have no root above them.
  for (const node of nodes) if (!seen.has(node.id)) draw(node, undefined, '', '', []);
  return lines.join('\n');
}
