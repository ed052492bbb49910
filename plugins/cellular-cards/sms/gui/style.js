import { sheet } from '/element/v1.js';

export const look = sheet(`
.page { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-4); align-items: start; }
@container (min-width: 820px) { .page { grid-template-columns: minmax(0, 1fr) 340px; } .page > .notes { grid-column: 1 / -1; } }
.notes { display: grid; gap: var(--space-3); }
.card { min-width: 0; overflow: clip; }
label { display: grid; gap: 5px; font-weight: 560; }
.input, .select, textarea { font-weight: 400; }
textarea { min-height: 7em; }
.muted { font-size: var(--size-s); overflow-wrap: anywhere; }
.bad { color: var(--bad); }
.note { align-items: center; flex-wrap: wrap; gap: var(--space-2) var(--space-3); }
.note span { flex: 1 1 240px; overflow-wrap: anywhere; }
.messages > li + li { border-top: 1px solid var(--line); }
.open { display: grid; grid-template-columns: 10px minmax(0, 1fr); gap: 2px 10px; width: 100%; padding: 11px var(--space-4); border: 0; background: none; text-align: start; cursor: pointer; }
.open:hover { background: var(--hover); }
.open:focus-visible { outline-offset: -2px; }
.dot { grid-row: 1; align-self: center; width: 8px; height: 8px; border-radius: 50%; }
.fresh .dot { background: var(--accent); }
.line { display: flex; align-items: center; flex-wrap: wrap; gap: 2px var(--space-2); min-width: 0; }
.who { font-weight: 550; overflow-wrap: anywhere; min-width: 0; }
.fresh .who { font-weight: 700; }
.line time { margin-inline-start: auto; }
.preview { grid-column: 2; color: var(--muted); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.fresh .preview { color: var(--text); }
[aria-expanded="true"] .preview { display: none; }
.whole { display: grid; gap: var(--space-3); padding: 0 var(--space-4) 14px calc(var(--space-4) + 20px); }
.text { display: block; max-height: 50vh; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; line-height: 1.5; }
.none { padding: var(--space-5) var(--space-4); color: var(--muted); text-align: center; }
@container (min-width: 820px) { .begin { display: none; } }
@container (max-width: 460px) { .card-head, .card-body { padding-inline: 14px; } .open { padding-inline: 14px; } .chip.accent { display: none; } .whole { padding-inline: 14px; } .button { min-height: 40px; } }
`);
