import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Rates, ShownNode, ShownZone } from '../../../../sdk/neighbourhood.ts';
import { LightElement } from '../../shell/light.ts';
import { hrefOf } from '../../shell/route.ts';
import { many, scaled } from '../../shell/words.ts';
import { clip } from '../../views/graph-layout.ts';

/** Hosts drawn of one zone; the others are counted. */
const MOST_HOSTS = 6;
const HOST = { width: 158, height: 44, gap: 12 };
const NARROW = 640;
/** On a phone: where the lines of further zones run, beside the hosts. */
const LANE = 9;
const TURN = 12;
const NO_RATE: Rates = { in: 0, out: 0 };
/** bit/s below which a line counts as still. */
const STILL = 500;

interface Spot { readonly x: number; readonly y: number }
interface Drawn { readonly zone: ShownZone; /** A number: so many more. */ readonly hosts: readonly (ShownNode | number)[] }

/** How fast the dashes run: four speeds, so that a changing rate does not start them anew each second. */
const pace = (rate: number): string => (rate < STILL ? 'still' : rate < 1e5 ? 'slow' : rate < 5e6 ? 'walk' : rate < 1e8 ? 'run' : 'rush');
const busy = ({ in: a, out: b }: Rates): string => `${scaled(Math.round(a), 'bit/s')} in, ${scaled(Math.round(b), 'bit/s')} out`;
const speed = (rate: number): string => scaled(rate < STILL ? 0 : rate, 'bit/s');

/** The network as plugins tell it: hosts, router, ways out, internet; what moves on the lines is real traffic. */
class NetworkPicture extends LightElement {
  static override properties = { zones: { attribute: false }, width: { state: true } };
  /** Undefined until the router has told. */
  declare zones: readonly ShownZone[] | undefined;
  declare width: number;
  #resize: ResizeObserver | undefined;

  constructor() {
    super();
    this.width = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize = new ResizeObserver(([entry]) => { this.width = Math.round(entry!.contentRect.width); });
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize?.disconnect();
  }

  override render() {
    if (this.zones === undefined || this.width === 0) return nothing;
    const inside = this.zones.filter((z) => z.side === 'inside');
    const uplinks = this.zones.filter((z) => z.side === 'outside').flatMap((z) => z.nodes);
    const drawn = inside.map((zone): Drawn => {
      const hosts = zone.nodes;
      return { zone, hosts: hosts.length <= MOST_HOSTS ? hosts : [...hosts.slice(0, MOST_HOSTS - 1), hosts.length - MOST_HOSTS + 1] };
    });
    return html`${this.width < NARROW ? this.#tall(drawn, uplinks) : this.#wide(drawn, uplinks)}${this.#inWords(inside, uplinks)}`;
  }

  /** From left to right. */
  #wide(drawn: readonly Drawn[], uplinks: readonly ShownNode[]): TemplateResult {
    const w = this.width;
    const step = HOST.height + HOST.gap;
    const heights = drawn.map((d) => Math.max(1, d.hosts.length) * step + 14);
    const height = Math.max(250, heights.reduce((a, b) => a + b, 0) + 20, uplinks.length * 90);
    let top = (height - heights.reduce((a, b) => a + b, 0)) / 2 + 7;
    const left = 4;
    const hub = { x: Math.max(left + HOST.width + 104, w * 0.37), y: 0 };
    const router = { x: w * 0.6, y: height / 2 };
    const internet = { x: w - 62, y: height / 2 };
    const lines: TemplateResult[] = [];
    const nodes: TemplateResult[] = [];
    for (const [i, { zone, hosts }] of drawn.entries()) {
      const middle = { x: hub.x, y: top + (heights[i]! - 14) / 2 };
      for (const [k, host] of hosts.entries()) {
        const spot = { x: left, y: top + k * step + HOST.gap / 2 };
        lines.push(this.#line(curve({ x: spot.x + HOST.width, y: spot.y + HOST.height / 2 }, { x: middle.x - 47, y: middle.y }), typeof host === 'number' ? NO_RATE : host.rates));
        nodes.push(this.#host(host, spot, zone));
      }
      if (hosts.length === 0) nodes.push(svg`<text class="quiet" x=${left + 4} y=${middle.y + 4}>nobody on ${zone.zone} so far</text>`);
      const rate = zone.rates;
      lines.push(this.#line(curve({ x: middle.x + 47, y: middle.y }, { x: router.x - 50, y: router.y }), rate));
      nodes.push(this.#zone(zone, middle));
      if (rate.in + rate.out >= STILL) nodes.push(this.#rate(rate, { x: middle.x, y: middle.y + 36 }, 'line'));
      top += heights[i]!;
    }
    for (const [i, uplink] of uplinks.entries()) {
      const y = height / 2 + (i - (uplinks.length - 1) / 2) * 86;
      const middle = { x: (router.x + internet.x) / 2, y };
      const path = uplinks.length === 1 ? curve({ x: router.x + 50, y: router.y }, { x: internet.x - 48, y: internet.y })
        : `${curve({ x: router.x + 50, y: router.y }, middle)}${curve(middle, { x: internet.x - 48, y: internet.y }).replace('M', 'L')}`;
      lines.push(this.#line(path, uplink.rates, true, uplink.state));
      nodes.push(this.#uplink(uplink, middle));
    }
    return this.#drawing(w, height, lines, [...nodes, this.#router(router), this.#internet(internet, online(uplinks))]);
  }

  /** From top to bottom, for a phone. The first zone hangs below the router; the lines of the others run beside the hosts. */
  #tall(drawn: readonly Drawn[], uplinks: readonly ShownNode[]): TemplateResult {
    const w = this.width;
    const centre = w / 2;
    const internet = { x: centre, y: 44 };
    const router = { x: centre, y: 208 };
    const lines: TemplateResult[] = [];
    const nodes: TemplateResult[] = [];
    for (const [i, uplink] of uplinks.entries()) {
      const x = centre + (i - (uplinks.length - 1) / 2) * 130;
      lines.push(this.#line(`M${centre} ${router.y - 32}C${x} ${router.y - 60} ${x} ${internet.y + 60} ${centre} ${internet.y + 34}`, uplink.rates, true, uplink.state));
      nodes.push(this.#uplink(uplink, { x: x + (uplinks.length === 1 ? 66 : 0), y: (internet.y + router.y) / 2 + 4 }));
    }
    let y = router.y + 92;
    const lanes = drawn.length > 1 ? 2 * (LANE + TURN) : 0;
    const box = Math.min(HOST.width, (w - lanes - HOST.gap) / 2);
    for (const [i, { zone, hosts }] of drawn.entries()) {
      const rate = zone.rates;
      lines.push(this.#line(i === 0 ? `M${centre} ${y - 20}V${router.y + 32}` : lane(router, { x: centre, y }, i % 2 === 1 ? LANE : w - LANE), rate));
      if (rate.in + rate.out >= STILL) nodes.push(this.#rate(rate, { x: centre + 58, y: y - (i === 0 ? 38 : 26) }, i === 0 ? 'lines' : 'line'));
      nodes.push(this.#zone(zone, { x: centre, y }));
      for (const [k, host] of hosts.entries()) {
        const spot = { x: k % 2 === 0 ? centre - box - HOST.gap / 2 : centre + HOST.gap / 2, y: y + 46 + Math.floor(k / 2) * (HOST.height + HOST.gap) };
        const side = spot.x + box / 2;
        if (k < 2) lines.push(this.#line(`M${side} ${spot.y}C${side} ${y + 24} ${centre} ${y + 40} ${centre} ${y + 18}`, typeof host === 'number' ? NO_RATE : host.rates));
        nodes.push(this.#host(host, spot, zone, box));
      }
      y += hosts.length === 0 ? 66 : 46 + Math.ceil(hosts.length / 2) * (HOST.height + HOST.gap) + 34;
    }
    return this.#drawing(w, Math.max(router.y + 50, y - 36), lines, [...nodes, this.#router(router), this.#internet(internet, online(uplinks))]);
  }

  #drawing(w: number, h: number, lines: readonly TemplateResult[], nodes: readonly TemplateResult[]): TemplateResult {
    return html`<svg class="network" width=${w} height=${h} viewBox="0 0 ${w} ${h}" aria-hidden="true">${lines}${nodes}</svg>`;
  }

  /** The dashes run towards the router for what comes in, and away from it for what goes out; every path ends or begins there. */
  #line(path: string, rate: Rates, fromRouter = false, state: ShownNode['state'] = 'ok') {
    const [there, back] = fromRouter ? [rate.out, rate.in] : [rate.in, rate.out];
    return svg`<path class="wire ${state === 'ok' ? '' : state === 'off' ? 'waiting' : 'broken'}" d=${path}/>
      <path class="flow there ${pace(there)}" d=${path}/><path class="flow back ${pace(back)}" d=${path}/>`;
  }

  /** Down and up as the hosts see it, side by side or one below the other. */
  #rate(rate: Rates, { x, y }: Spot, how: 'line' | 'lines') {
    const [down, up] = [`↓ ${speed(rate.out)}`, `↑ ${speed(rate.in)}`];
    return how === 'line' ? svg`<text class="rate" x=${x} y=${y} text-anchor="middle"><tspan class="down">${down}</tspan><tspan class="up" dx="10">${up}</tspan></text>`
      : svg`<text class="rate" x=${x} y=${y}><tspan class="down">${down}</tspan><tspan class="up" x=${x} dy="14">${up}</tspan></text>`;
  }

  #host(host: ShownNode | number, { x, y }: Spot, zone: ShownZone, width = HOST.width) {
    const box = svg`<rect width=${width} height=${HOST.height} rx="8"/>`;
    if (typeof host === 'number') return linked(zone.page, svg`<g class="host more" transform="translate(${x} ${y})">${box}<text x=${width / 2} y="27" text-anchor="middle">and ${many(host, 'more host')}</text></g>`);
    const letters = Math.floor((width - 48) / 8);
    const { label, detail, about, state, page } = host;
    return linked(page, svg`<g class="host ${state === 'off' ? 'asleep' : state}" transform="translate(${x} ${y})">${box}
      <path class="sign" d="M12 15.5h17v11.5h-17zM9.5 30h22"/>
      <text x="40" y=${detail ? 19 : 27}>${clip(label, letters)}</text>${detail ? svg`<text class="detail" x="40" y="34">${detail}</text>` : nothing}
      <title>${[label, detail, about].filter(Boolean).join(', ')}</title></g>`);
  }

  #zone({ zone, detail, page }: ShownZone, { x, y }: Spot) {
    return linked(page, svg`<g class="segment" transform="translate(${x} ${y})"><rect x="-47" y="-20" width="94" height="40" rx="20"/><text y=${detail ? -2 : 4} text-anchor="middle">${clip(zone, 10)}</text>${detail ? svg`<text class="detail" y="12" text-anchor="middle">${detail}</text>` : nothing}</g>`);
  }

  #uplink({ label, detail, state, page, rates }: ShownNode, { x, y }: Spot) {
    return linked(page, svg`<text class="uplink" x=${x} y=${y - 30} text-anchor="middle">${clip(label, 14)}</text>
      ${state === 'ok' ? svg`<text class="rate" x=${x} y=${y - 14} text-anchor="middle"><tspan class="down">↓ ${speed(rates.in)}</tspan></text><text class="rate" x=${x} y=${y + 21} text-anchor="middle"><tspan class="up">↑ ${speed(rates.out)}</tspan></text>`
        : svg`<text class="rate ${state === 'off' ? 'quiet' : 'trouble'}" x=${x} y=${y - 14} text-anchor="middle">${clip(detail ?? 'down', 20)}</text>`}`);
  }

  #router({ x, y }: Spot) {
    return svg`<g class="router" transform="translate(${x} ${y})"><rect x="-50" y="-32" width="100" height="64" rx="14"/>
      <g class="bars" transform="translate(-11 -21)"><rect x="0" y="13" width="5" height="7" rx="1.4"/><rect x="8" y="7" width="5" height="13" rx="1.4"/><rect x="16" y="0" width="5" height="20" rx="1.4"/></g>
      <text y="19" text-anchor="middle">lancell</text></g>`;
  }

  #internet({ x, y }: Spot, reached: boolean) {
    return svg`<g class="internet ${reached ? '' : 'off'}" transform="translate(${x} ${y})"><path d="M-30 26a19 19 0 0 1-3-37.5A24 24 0 0 1 10-25a18 18 0 0 1 25 15 18.5 18.5 0 0 1-3 36z"/><text y="7" text-anchor="middle">${reached ? 'Internet' : 'offline'}</text></g>`;
  }

  #inWords(inside: readonly ShownZone[], uplinks: readonly ShownNode[]) {
    return html`<ul class="visually-hidden" aria-label="The network in words">
      ${online(uplinks) ? nothing : html`<li>There is no way to the internet now.</li>`}
      ${uplinks.map((u) => html`<li>${u.state === 'ok' ? html`Internet through ${u.label}, ${u.detail}: ${busy(u.rates)}` : html`${u.label} leads nowhere: ${u.detail}`}.</li>`)}
      ${inside.map((z) => html`<li>${z.zone}, ${z.detail}: ${busy(z.rates)}; ${z.nodes.length === 0 ? 'no hosts' : `${many(z.nodes.length, 'host')}: ${z.nodes.map((h) => (h.detail ? `${h.label} (${h.detail})` : h.label)).join(', ')}`}.</li>`)}</ul>`;
  }
}
customElements.define('lc-network-picture', NetworkPicture);

const online = (uplinks: readonly ShownNode[]): boolean => uplinks.some((u) => u.state === 'ok');
const linked = (page: string | undefined, drawing: TemplateResult) => (page === undefined ? drawing : svg`<a href=${hrefOf(page)} tabindex="-1">${drawing}</a>`);

function curve(from: Spot, to: Spot): string {
  const bend = (to.x - from.x) / 2;
  return `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
}

/** From a zone sideways into the lane at `x`, up along it, and to the router's side. */
function lane(router: Spot, zone: Spot, x: number): string {
  const way = x < zone.x ? 1 : -1;
  return `M${zone.x - way * 47} ${zone.y}H${x + way * TURN}Q${x} ${zone.y} ${x} ${zone.y - TURN}V${router.y + TURN}Q${x} ${router.y} ${x + way * TURN} ${router.y}H${router.x - way * 50}`;
}
