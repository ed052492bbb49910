// Inside a shadow root the console's sheets do not reach; its colours and sizes do, as custom properties. Sheets made here pass the router's
// content security policy, which allows no `style` attribute and no inline sheet.

export function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

/** Controls as they look everywhere in the console. */
export const controls = sheet(`
*, *::before, *::after { box-sizing: border-box; }
:host { display: block; min-width: 0; container-type: inline-size; }
h2, h3, p, dl, dd, ul, ol, fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
ul, ol { list-style: none; }
h2 { font-size: var(--size); font-weight: 620; }
svg { display: block; flex: none; }
[hidden] { display: none !important; }
button, input, select, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: var(--radius); }
.stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-4); }
.row { display: flex; align-items: center; flex-wrap: wrap; gap: var(--space-2); }
.grow { flex: 1; min-width: 0; }
.muted { color: var(--muted); }
.small { font-size: var(--size-s); }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.card { border: 1px solid var(--line); border-radius: var(--radius-l); background: var(--surface); box-shadow: var(--shadow); }
.card-head { display: flex; align-items: center; flex-wrap: wrap; gap: var(--space-2) var(--space-3); min-height: 46px; padding: 6px var(--space-4); border-bottom: 1px solid var(--line); }
.button, .plain { display: inline-flex; align-items: center; justify-content: center; gap: 6px; min-height: var(--control); padding: 0 12px; border: 1px solid light-dark(#c3ccd3, #3a4650);
  border-radius: var(--radius); background: var(--surface); color: var(--text); font-weight: 550; text-decoration: none; white-space: nowrap; cursor: pointer; box-shadow: var(--shadow); }
.button:hover { background: var(--hover); }
.button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.button.primary:hover { background: var(--accent-hover); border-color: var(--accent-hover); }
.plain { border-color: transparent; background: none; box-shadow: none; padding: 0 8px; color: var(--muted); }
.plain:hover { background: var(--hover); color: var(--text); }
.plain.icon { width: var(--control); padding: 0; flex: none; }
.button:disabled, .plain:disabled { opacity: 0.5; cursor: not-allowed; }
.input, .select, textarea { width: 100%; min-height: var(--control); padding: 0 10px; border: 1px solid var(--line-strong); border-radius: var(--radius); background: light-dark(#fff, #10161a); }
textarea { padding: 6px 10px; resize: vertical; font-family: var(--mono); font-size: 0.92em; line-height: 1.5; }
.select { appearance: none; padding-right: 28px; text-overflow: ellipsis; background-repeat: no-repeat; background-position: right 14px center, right 9px center; background-size: 5px 5px;
  background-image: linear-gradient(45deg, transparent 50%, var(--muted) 50%), linear-gradient(-45deg, transparent 50%, var(--muted) 50%); }
.input:focus-visible, .select:focus-visible, textarea:focus-visible { outline-offset: -1px; border-color: var(--accent); }
[aria-invalid="true"] { border-color: var(--bad); }
.input::placeholder, textarea::placeholder { color: var(--faint); opacity: 1; }
input[type="number"] { appearance: textfield; }
input[type="number"]::-webkit-inner-spin-button { display: none; }
input[type="checkbox"]:not([role="switch"]) { accent-color: var(--accent); width: 16px; height: 16px; margin: 0; }
.check { display: inline-flex; align-items: center; gap: 7px; min-height: 24px; cursor: pointer; }
.switch { position: relative; display: inline-flex; flex: none; width: 36px; height: 20px; }
.switch input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.switch span { flex: 1; border-radius: 10px; background: light-dark(#7d8b97, #53616c); pointer-events: none; transition: background var(--quick); }
.switch span::after { content: ""; position: absolute; left: 2px; top: 2px; width: 16px; height: 16px; border-radius: 50%; background: #fff; transition: translate var(--quick); }
.switch input:checked + span { background: var(--accent); }
.switch input:checked + span::after { translate: 16px 0; background: var(--on-accent); }
.switch input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: 2px; }
.switch input:disabled + span { opacity: 0.5; }
.field { display: grid; gap: 5px; align-content: start; }
.field > label, .label { font-weight: 560; }
.help { color: var(--muted); font-size: var(--size-s); }
.error { display: flex; gap: 5px; color: var(--bad); font-size: var(--size-s); overflow-wrap: anywhere; }
.badge { display: inline-flex; align-items: center; gap: 4px; height: 22px; padding: 0 8px 0 6px; border-radius: 11px; font-size: 0.75rem; font-weight: 600; white-space: nowrap; }
.permit { background: var(--ok-soft); color: var(--ok); }
.drop { background: var(--bad-soft); color: var(--bad); }
.reject { background: var(--warn-soft); color: var(--warn); }
.note { display: flex; gap: var(--space-3); padding: 10px 14px; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); overflow-wrap: anywhere; }
.note.warn { border-color: color-mix(in srgb, var(--warn) 40%, transparent); background: var(--warn-soft); color: var(--text); }
.note.warn svg { color: var(--warn); }
.note.bad { border-color: color-mix(in srgb, var(--bad) 40%, transparent); background: var(--bad-soft); }
.note.bad svg { color: var(--bad); }
dialog { padding: 0; border: 1px solid var(--line); background: var(--raised); color: var(--text); box-shadow: var(--shadow-l); }
dialog::backdrop { background: rgb(10 16 20 / 45%); }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { transition: none !important; animation: none !important; } }
`);
