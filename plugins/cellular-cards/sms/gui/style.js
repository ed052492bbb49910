import { sheet } from '/element/v1.js';

export const look = sheet(`
*, *::before, *::after { box-sizing: border-box; }
:host { display: block; min-width: 0; container-type: inline-size; }
[hidden] { display: none !important; }
h2, p, ul { margin: 0; padding: 0; }
ul { list-style: none; }
h2 { font-size: var(--size); font-weight: 620; }
button, input, textarea, select { font: inherit; color: inherit; letter-spacing: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: var(--radius); }
.page { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-4); align-items: start; }
@container (min-width: 820px) { .page { grid-template-columns: minmax(0, 1fr) 340px; } .page > .notes { grid-column: 1 / -1; } }
.notes { display: grid; gap: var(--space-3); }
.card { border: 1px solid var(--line); border-radius: var(--radius-l); background: var(--surface); box-shadow: var(--shadow); min-width: 0; overflow: clip; }
.head { display: flex; align-items: center; flex-wrap: wrap; gap: var(--space-2) var(--space-3); min-height: 46px; padding: 6px var(--space-4); border-bottom: 1px solid var(--line); }
.body { display: grid; gap: var(--space-3); padding: var(--space-4); }
.row { display: flex; align-items: center; flex-wrap: wrap; gap: var(--space-2); }
.grow { flex: 1 1 auto; min-width: 0; }
label { display: grid; gap: 5px; font-weight: 560; }
input, textarea, select { width: 100%; min-height: var(--control); padding: 6px 10px; border: 1px solid var(--line-strong); border-radius: var(--radius); background: light-dark(#fff, #10161a); font-weight: 400; }
textarea { min-height: 7em; resize: vertical; line-height: 1.45; }
input::placeholder { color: var(--faint); opacity: 1; }
[aria-invalid="true"] { border-color: var(--bad); }
.button { display: inline-flex; align-items: center; justify-content: center; min-height: var(--control); padding: 0 12px; border: 1px solid light-dark(#c3ccd3, #3a4650); border-radius: var(--radius);
  background: var(--surface); color: var(--text); font-weight: 550; white-space: nowrap; cursor: pointer; box-shadow: var(--shadow); }
.button:hover { background: var(--hover); }
.button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.button.primary:hover { background: var(--accent-hover); }
.button.plain { border-color: transparent; background: none; box-shadow: none; padding: 0 8px; color: var(--accent); }
.button.danger { color: var(--bad); }
.button:disabled { opacity: 0.5; cursor: not-allowed; }
.muted { color: var(--muted); font-size: var(--size-s); overflow-wrap: anywhere; }
.bad { color: var(--bad); }
.note { display: flex; align-items: center; flex-wrap: wrap; gap: var(--space-2) var(--space-3); padding: 10px 14px; border: 1px solid color-mix(in srgb, var(--warn) 40%, transparent); border-radius: var(--radius); background: var(--warn-soft); color: var(--text); }
.note span { flex: 1 1 240px; overflow-wrap: anywhere; }
.chip { display: inline-flex; align-items: center; height: 20px; padding: 0 8px; border-radius: 10px; background: var(--sunken); color: var(--muted); font-size: 0.75rem; font-weight: 600; white-space: nowrap; }
.chip.warn { background: var(--warn-soft); color: var(--warn); }
.chip.ok { background: var(--ok-soft); color: var(--ok); }
.chip.accent { background: var(--accent-soft); color: var(--accent); }
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
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (min-width: 820px) { .begin { display: none; } }
@container (max-width: 460px) { .head, .body { padding-inline: 14px; } .open { padding-inline: 14px; } .chip.accent { display: none; } .whole { padding-inline: 14px; } .button { min-height: 40px; } }
`);
