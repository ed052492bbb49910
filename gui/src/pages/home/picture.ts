import { html, nothing, svg, type TemplateResult } from 'lit';
import { LightElement } from '../../shell/light.ts';
import { hrefOf } from '../../shell/route.ts';
import { many, scaled } from '../../shell/words.ts';
import type { Host, Neighbourhood, Segment, Uplink } from './neighbourhood.ts';
import { NO_RATE, type Rate, type Samples, sumOf } from './samples.ts';

/** Hosts drawn of one segment; the others are counted. */
const MOST_HOSTS = 6;
const HOST = { width: 158, height: 44, gap: 12 };
const NARROW = 640;

interface Spot { readonly x: number; readonly y: number }
interface Drawn { readonly segment: Segment; readonly hosts: readonly (Host | number)[] }

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
/** How fast the dashes run: four speeds, so that a changing rate does not start them anew each second. */
const pace = (rate: number): string => (rate < 500 ? 'still' : rate < 1e5 ? 'slow' : rate < 5e6 ? 'walk' : rate < 1e8 ? 'run' : 'rush');
const busy = ({ in: a, out: b }: Rate): string => `${scaled(a, 'bit/s')} in, ${scaled(b, 'bit/s')} out`;

/** The network as the router sees it: hosts, router, ways out, internet; what moves on the lines is real traffic. */
class NetworkPicture extends LightElement {
  static override properties = { around: { attribute: false }, samples: { attribute: false }, width: { state: true }, tick: { attribute: false } };
  declare around: Neighbourhood | undefined;
  declare samples: Samples;
  declare width: number;
  /** Changes with every sample. */
  declare tick: number;
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
    if (this.around === undefined || this.width === 0) return nothing;
    const { around } = this;
    const drawn = around.segments.map((segment): Drawn => {
      const { hosts } = segment;
      return { segment, hosts: hosts.length <= MOST_HOSTS ? hosts : [...hosts.slice(0, MOST_HOSTS - 1), hosts.length - MOST_HOSTS + 1] };
    });
    return html`${this.width < NARROW ? this.#tall(drawn, around.uplinks) : this.#wide(drawn, around.uplinks)}${this.#inWords(around)}`;
  }

  /** From left to right. */
  #wide(drawn: readonly Drawn[], uplinks: readonly Uplink[]): TemplateResult {
    const w = Math.max(this.width, NARROW);
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
    for (const [i, { segment, hosts }] of drawn.entries()) {
      const middle = { x: hub.x, y: top + (heights[i]! - 14) / 2 };
      for (const [k, host] of hosts.entries()) {
        const spot = { x: left, y: top + k * step + HOST.gap / 2 };
        lines.push(this.#line(curve({ x: spot.x + HOST.width, y: spot.y + HOST.height / 2 }, { x: middle.x - 47, y: middle.y }), typeof host === 'number' ? NO_RATE : this.#hostRate(host, segment)));
        nodes.push(this.#host(host, spot, segment));
      }
      if (hosts.length === 0) nodes.push(svg`<text class="quiet" x=${left + 4} y=${middle.y + 4}>nobody on ${segment.name.toUpperCase()} so far</text>`);
      const rate = this.#segmentRate(segment);
      lines.push(this.#line(curve({ x: middle.x + 47, y: middle.y }, { x: router.x - 50, y: router.y }), rate));
      nodes.push(this.#segment(segment, middle));
      if (rate.in + rate.out >= 500) nodes.push(this.#rate(rate, { x: middle.x, y: middle.y + 36 }, 'line'));
      top += heights[i]!;
    }
    for (const [i, uplink] of uplinks.entries()) {
      const y = height / 2 + (i - (uplinks.length - 1) / 2) * 86;
      const middle = { x: (router.x + internet.x) / 2, y };
      const path = uplinks.length === 1 ? curve({ x: router.x + 50, y: router.y }, { x: internet.x - 48, y: internet.y })
        : `${curve({ x: router.x + 50, y: router.y }, middle)}${curve(middle, { x: internet.x - 48, y: internet.y }).replace('M', 'L')}`;
      lines.push(this.#line(path, this.samples.rate(uplink.name), true));
      nodes.push(this.#uplink(uplink, middle));
    }
    return this.#drawing(w, height, lines, [...nodes, this.#router(router), this.#internet(internet, uplinks.length > 0)]);
  }

  /** From top to bottom, for a phone. */
  #tall(drawn: readonly Drawn[], uplinks: readonly Uplink[]): TemplateResult {
    const w = this.width;
    const centre = w / 2;
    const internet = { x: centre, y: 44 };
    const router = { x: centre, y: 208 };
    const lines: TemplateResult[] = [];
    const nodes: TemplateResult[] = [];
    for (const [i, uplink] of uplinks.entries()) {
      const x = centre + (i - (uplinks.length - 1) / 2) * 130;
      lines.push(this.#line(`M${centre} ${router.y - 32}C${x} ${router.y - 60} ${x} ${internet.y + 60} ${centre} ${internet.y + 34}`, this.samples.rate(uplink.name), true));
      nodes.push(this.#uplink(uplink, { x: x + (uplinks.length === 1 ? 66 : 0), y: (internet.y + router.y) / 2 + 4 }));
    }
    let y = router.y + 92;
    let above = router.y + 32;
    const box = Math.min(HOST.width, (w - HOST.gap) / 2);
    for (const { segment, hosts } of drawn) {
      const middle = { x: centre, y };
      const rate = this.#segmentRate(segment);
      // Between the two columns of hosts there is room for the way to the next segment.
      lines.push(this.#line(`M${centre} ${y - 18}L${centre} ${above}`, rate));
      above = y + 18;
      if (rate.in + rate.out >= 500) nodes.push(this.#rate(rate, { x: centre + 62, y: y - 36 }, 'lines'));
      nodes.push(this.#segment(segment, middle));
      for (const [k, host] of hosts.entries()) {
        const spot = { x: k % 2 === 0 ? centre - box - HOST.gap / 2 : centre + HOST.gap / 2, y: y + 46 + Math.floor(k / 2) * (HOST.height + HOST.gap) };
        const side = spot.x + box / 2;
        if (k < 2) lines.push(this.#line(`M${side} ${spot.y}C${side} ${y + 24} ${centre} ${y + 40} ${centre} ${y + 18}`, typeof host === 'number' ? NO_RATE : this.#hostRate(host, segment)));
        nodes.push(this.#host(host, spot, segment, box));
      }
      y += hosts.length === 0 ? 62 : 46 + Math.ceil(hosts.length / 2) * (HOST.height + HOST.gap) + 34;
    }
    return this.#drawing(w, Math.max(router.y + 50, y - 36), lines, [...nodes, this.#router(router), this.#internet(internet, uplinks.length > 0)]);
  }

  #drawing(w: number, h: number, lines: readonly TemplateResult[], nodes: readonly TemplateResult[]): TemplateResult {
    return html`<svg class="network" width=${w} height=${h} viewBox="0 0 ${w} ${h}" aria-hidden="true">${lines}${nodes}</svg>`;
  }

  /** The dashes run towards the router for what comes in, and away from it for what goes out; every path ends or begins there. */
  #line(path: string, rate: Rate, fromRouter = false) {
    const [there, back] = fromRouter ? [rate.out, rate.in] : [rate.in, rate.out];
    return svg`<path class="wire" d=${path}/>
      <path class="flow there ${pace(there)}" d=${path}/><path class="flow back ${pace(back)}" d=${path}/>`;
  }

  /** Down and up as the hosts see it, side by side or one below the other. */
  #rate(rate: Rate, { x, y }: Spot, how: 'line' | 'lines') {
    const [down, up] = [`↓ ${scaled(rate.out, 'bit/s')}`, `↑ ${scaled(rate.in, 'bit/s')}`];
    return how === 'line' ? svg`<text class="rate" x=${x} y=${y} text-anchor="middle"><tspan class="down">${down}</tspan><tspan class="up" dx="10">${up}</tspan></text>`
      : svg`<text class="rate" x=${x} y=${y}><tspan class="down">${down}</tspan><tspan class="up" x=${x} dy="14">${up}</tspan></text>`;
  }

  #host(host: Host | number, { x, y }: Spot, segment: Segment, width = HOST.width) {
    const box = svg`<rect width=${width} height=${HOST.height} rx="8"/>`;
    const page = hrefOf(`network/${segment.name}`);
    if (typeof host === 'number') return svg`<a href=${page} tabindex="-1"><g class="host more" transform="translate(${x} ${y})">${box}<text x=${width / 2} y="27" text-anchor="middle">and ${many(host, 'more host')}</text></g></a>`;
    const letters = Math.floor((width - 48) / 8);
    return svg`<a href=${page} tabindex="-1"><g class="host ${host.awake ? '' : 'asleep'}" transform="translate(${x} ${y})">${box}
      <path class="sign" d="M12 15.5h17v11.5h-17zM9.5 30h22"/>
      <text x="40" y=${host.name ? 19 : 27}>${clip(host.name || host.ip, letters)}</text>${host.name ? svg`<text class="detail" x="40" y="34">${host.ip}</text>` : nothing}
      <title>${host.name ? `${host.name}, ` : ''}${host.ip}, ${host.mac}${host.port ? `, on ${host.port}` : ''}</title></g></a>`;
  }

  #segment(segment: Segment, { x, y }: Spot) {
    return svg`<a href=${hrefOf(`network/${segment.name}`)} tabindex="-1"><g class="segment" transform="translate(${x} ${y})"><rect x="-47" y="-20" width="94" height="40" rx="20"/><text y="-2" text-anchor="middle">${clip(segment.name.toUpperCase(), 10)}</text><text class="detail" y="12" text-anchor="middle">${segment.subnet}</text></g></a>`;
  }

  #uplink(uplink: Uplink, { x, y }: Spot) {
    const rate = this.samples.rate(uplink.name);
    return svg`<a href=${hrefOf(`network/${uplink.name}`)} tabindex="-1"><text class="uplink" x=${x} y=${y - 30} text-anchor="middle">${uplink.name.toUpperCase()}</text>
      <text class="rate" x=${x} y=${y - 14} text-anchor="middle"><tspan class="down">↓ ${scaled(rate.in, 'bit/s')}</tspan></text><text class="rate" x=${x} y=${y + 21} text-anchor="middle"><tspan class="up">↑ ${scaled(rate.out, 'bit/s')}</tspan></text></a>`;
  }

  #router({ x, y }: Spot) {
    return svg`<g class="router" transform="translate(${x} ${y})"><rect x="-50" y="-32" width="100" height="64" rx="14"/>
      <g class="bars" transform="translate(-11 -21)"><rect x="0" y="13" width="5" height="7" rx="1.4"/><rect x="8" y="7" width="5" height="13" rx="1.4"/><rect x="16" y="0" width="5" height="20" rx="1.4"/></g>
      <text y="19" text-anchor="middle">lancell</text></g>`;
  }

  #internet({ x, y }: Spot, online: boolean) {
    return svg`<g class="internet ${online ? '' : 'off'}" transform="translate(${x} ${y})"><path d="M-30 26a19 19 0 0 1-3-37.5A24 24 0 0 1 10-25a18 18 0 0 1 25 15 18.5 18.5 0 0 1-3 36z"/><text y="7" text-anchor="middle">${online ? 'Internet' : 'offline'}</text></g>`;
  }

  /** The ports of a switch count what its bridge does not see. */
  #segmentRate({ name, ports }: Segment): Rate { return ports.length === 0 ? this.samples.rate(name) : sumOf(ports.map((p) => this.samples.rate(p))); }

  /** Known where a host has a port of the switch for itself; else it moves with its segment. */
  #hostRate(host: Host, segment: Segment): Rate {
    if (host.port === '') return NO_RATE;
    const sharing = segment.hosts.filter((h) => h.port === host.port).length;
    const { in: a, out: b } = this.samples.rate(host.port);
    return { in: a / sharing, out: b / sharing };
  }

  #inWords({ segments, uplinks }: Neighbourhood) {
    return html`<ul class="visually-hidden" aria-label="The network in words">
      ${uplinks.length === 0 ? html`<li>There is no way to the internet now.</li>` : uplinks.map((u) => html`<li>Internet through ${u.name}, gateway ${u.gateway}: ${busy(this.samples.rate(u.name))}.</li>`)}
      ${segments.map((s) => html`<li>${s.name.toUpperCase()}, ${s.subnet}: ${busy(this.#segmentRate(s))}; ${s.hosts.length === 0 ? 'no hosts' : `${many(s.hosts.length, 'host')}: ${s.hosts.map((h) => (h.name ? `${h.name} (${h.ip})` : h.ip)).join(', ')}`}.</li>`)}</ul>`;
  }
}
customElements.define('lc-network-picture', NetworkPicture);

function curve(from: Spot, to: Spot): string {
  const bend = (to.x - from.x) / 2;
  return `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
}
