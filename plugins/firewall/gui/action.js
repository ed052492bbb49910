import { h, icon, sheet } from '/element/v1.js';

/** What the firewall's pages draw beyond the drawings of the console. */
export const shapes = {
  permit: 'M4.5 10.5 8 14l7.5-8', drop: 'm5.5 5.5 9 9M14.5 5.5l-9 9', reject: 'M4.5 8.5h7a4 4 0 0 1 0 8H8M7.5 5 4 8.5 7.5 12',
  before: 'M4 16h12M10 13V5M6.5 8 10 4.5 13.5 8', after: 'M4 4h12M10 7v8M6.5 12l3.5 3.5 3.5-3.5', move: 'M10 3.5v13M6.5 7 10 3.5 13.5 7M6.5 13l3.5 3.5 3.5-3.5',
};

/** An action in a word, a drawing and a colour. */
export const badge = (action) => h('span', { class: `badge ${action}` }, icon(shapes[action], 14), action);

/** From one zone to another, for people. */
export const wayText = (from, to) => `${from} → ${to}`;

export const actionLook = sheet(`
.badge { display: inline-flex; align-items: center; gap: 4px; height: 22px; padding: 0 8px 0 6px; border-radius: 11px; font-size: 0.75rem; font-weight: 600; white-space: nowrap; }
.permit { background: var(--ok-soft); color: var(--ok); }
.drop { background: var(--bad-soft); color: var(--bad); }
.reject { background: var(--warn-soft); color: var(--warn); }
`);
