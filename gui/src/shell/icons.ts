import { svg, type TemplateResult, html } from 'lit';

/** Line drawings on a grid of 20, one stroke wide. */
const shapes = {
  home: svg`<path d="M3.5 9 10 3.5 16.5 9v7a.5.5 0 0 1-.5.5h-4v-5h-4v5H4a.5.5 0 0 1-.5-.5z"/>`,
  network: svg`<rect x="7.5" y="3" width="5" height="4" rx="1"/><rect x="2.5" y="13" width="5" height="4" rx="1"/><rect x="12.5" y="13" width="5" height="4" rx="1"/><path d="M10 7v3M5 13v-3h10v3"/>`,
  security: svg`<path d="M10 2.8 16 5v4.6c0 3.6-2.4 6.2-6 7.6-3.6-1.4-6-4-6-7.6V5z"/><path d="m7.4 10 1.9 1.9 3.4-3.6"/>`,
  advanced: svg`<path d="M4 5.5h6M14 5.5h2M4 10h1.5M9.5 10H16M4 14.5h7M15 14.5h1"/><circle cx="12" cy="5.5" r="1.8"/><circle cx="7.5" cy="10" r="1.8"/><circle cx="13" cy="14.5" r="1.8"/>`,
  logs: svg`<path d="M5 3.5h10v13H5zM7.5 7h5M7.5 10h5M7.5 13h3"/>`,
  maintenance: svg`<path d="M12.6 3.6a4 4 0 0 0-4.9 5.1l-4.3 4.3a1.6 1.6 0 0 0 0 2.3l1.3 1.3a1.6 1.6 0 0 0 2.3 0l4.3-4.3a4 4 0 0 0 5.1-4.9l-2.4 2.4-2.6-.7-.7-2.6z"/>`,
  more: svg`<circle cx="5" cy="10" r="1.2"/><circle cx="10" cy="10" r="1.2"/><circle cx="15" cy="10" r="1.2"/>`,
  turn: svg`<path d="m8 5.5 4.5 4.5L8 14.5"/>`,
  down: svg`<path d="m5.5 8 4.5 4.5L14.5 8"/>`,
  menu: svg`<path d="M3.5 6h13M3.5 10h13M3.5 14h13"/>`,
  close: svg`<path d="m5.5 5.5 9 9M14.5 5.5l-9 9"/>`,
  user: svg`<circle cx="10" cy="7" r="3.2"/><path d="M4 16.5c.6-3 2.9-4.6 6-4.6s5.4 1.6 6 4.6"/>`,
  out: svg`<path d="M8 3.5H4.5v13H8M12.5 6.5 16 10l-3.5 3.5M16 10H8"/>`,
  plus: svg`<path d="M10 4.5v11M4.5 10h11"/>`,
  trash: svg`<path d="M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5"/>`,
  grip: svg`<circle cx="7.5" cy="5.5" r=".9"/><circle cx="12.5" cy="5.5" r=".9"/><circle cx="7.5" cy="10" r=".9"/><circle cx="12.5" cy="10" r=".9"/><circle cx="7.5" cy="14.5" r=".9"/><circle cx="12.5" cy="14.5" r=".9"/>`,
  up: svg`<path d="m5.5 12 4.5-4.5 4.5 4.5"/>`,
  undo: svg`<path d="M4.5 8.5h7a4 4 0 0 1 0 8H8M7.5 5 4 8.5 7.5 12"/>`,
  search: svg`<circle cx="9" cy="9" r="4.8"/><path d="m12.6 12.6 4 4"/>`,
  alert: svg`<path d="M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14v.3"/>`,
  check: svg`<path d="m4.5 10.5 3.5 3.5 7.5-8"/>`,
  info: svg`<circle cx="10" cy="10" r="6.8"/><path d="M10 9.2v4.3M10 6.5v.3"/>`,
  plug: svg`<path d="M7 3v4M13 3v4M5 7h10v2.5a5 5 0 0 1-10 0zM10 14.5V17"/>`,
  terminal: svg`<rect x="2.8" y="4" width="14.4" height="12" rx="1.5"/><path d="m6 8 2.5 2L6 12M10.5 12.5H14"/>`,
  capture: svg`<path d="M2.5 10h3l2-5 3.5 10 2.5-5h4"/>`,
  history: svg`<path d="M4 6v3.5h3.5M4.3 9.2A6 6 0 1 1 4 11.5M10 7v3.5l2.5 1.5"/>`,
  download: svg`<path d="M10 3.5v8.5M6.5 8.8 10 12.3l3.5-3.5M4 16h12"/>`,
  edit: svg`<path d="m4 16 .8-3.4 8.3-8.3a1.4 1.4 0 0 1 2 0l.6.6a1.4 1.4 0 0 1 0 2L7.4 15.2z"/>`,
  theme: svg`<circle cx="10" cy="10" r="6.5"/><path d="M10 3.5a6.5 6.5 0 0 1 0 13z" fill="currentColor"/>`,
  hold: svg`<path d="M7 4.5v11M13 4.5v11"/>`,
  reload: svg`<path d="M15.8 10a5.8 5.8 0 1 1-1.7-4.1M16 3v3.5h-3.5"/>`,
  key: svg`<circle cx="7" cy="13" r="3.2"/><path d="m9.3 10.7 6-6M13 7l2 2"/>`,
} as const;

export type IconName = keyof typeof shapes;

/** Decorative: whoever uses it says the same in words. */
export const icon = (name: IconName, size = 18): TemplateResult => html`<svg width=${size} height=${size} viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shapes[name]}</svg>`;

/** The mark: three bars of reception. */
export const mark = html`<svg width="22" height="22" viewBox="0 0 22 22" fill="currentColor" aria-hidden="true"><rect x="2" y="13" width="4.5" height="7" rx="1.2"/><rect x="8.75" y="8" width="4.5" height="12" rx="1.2"/><rect x="15.5" y="2.5" width="4.5" height="17.5" rx="1.2"/></svg>`;
