import { sheet } from '/element/v1.js';

/** Rule Summary: a table of lines 46 px high, on a narrow page cards of 116 px (rule-list.js counts on both). */
export const look = sheet(`
textarea { font-family: var(--mono); font-size: 0.92em; }
.tools { gap: var(--space-2) var(--space-3); padding: 10px var(--space-4); }
.way { display: flex; align-items: center; gap: var(--space-2); }
.way label { font-weight: 560; }
.way .select { width: 104px; }
.search { position: relative; display: block; min-width: 140px; }
.search svg { position: absolute; left: 9px; top: 50%; translate: 0 -50%; color: var(--muted); pointer-events: none; }
.search .input { padding-left: 32px; }
.bar { min-height: 34px; padding: 4px var(--space-4); border-bottom: 1px solid var(--line); }
.note.flat { border-width: 0 0 1px; border-radius: 0; }
.empty { padding: 40px var(--space-4); color: var(--muted); text-align: center; }

.scroll { position: relative; overflow: auto; max-height: min(64vh, 720px); overflow-anchor: none; border-radius: 0 0 var(--radius-l) var(--radius-l); }
.scroll:focus-visible { outline-offset: -2px; }
.table { min-width: 980px; }
.rows { position: relative; overflow: clip; }
.heads { position: sticky; top: 0; z-index: 2; background: var(--surface); border-bottom: 1px solid var(--line); color: var(--muted); font-size: 0.75rem; font-weight: 600; }
.line { display: grid; grid-template-columns: 76px 40px minmax(110px, 1.3fr) minmax(100px, 1.4fr) minmax(100px, 1.4fr) minmax(80px, 1.1fr) minmax(76px, 1.1fr) 80px 40px 58px 40px; column-gap: 10px; align-items: center; padding: 0 8px 0 6px; }
.heads .line { height: 34px; }
.rows .line { position: absolute; inset-inline: 0; height: 46px; border-bottom: 1px solid var(--line); background: var(--surface); }
.rows .line:hover { background: var(--hover); }
.line > * { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.line > .number { display: flex; align-items: center; gap: 2px; overflow: visible; font-variant-numeric: tabular-nums; }
.heads .number { padding-left: 32px; }
.number .icon { --control: 28px; }
@media (pointer: coarse) { .number .icon { --control: 34px; } }
.grip { cursor: grab; touch-action: none; color: var(--faint); }
.grip:disabled { opacity: 0.35; }
.dragging, .dragging .grip { cursor: grabbing; user-select: none; }
.line.dragged { opacity: 0.5; background: var(--accent-soft); }
.gap { position: absolute; z-index: 1; inset-inline: 0; height: 3px; margin-top: -2px; border-radius: 2px; background: var(--accent); pointer-events: none; }
.line > .active, .line > .actions { overflow: visible; }
.line > .active, .line > .action { display: flex; align-items: center; }
.rows .source, .rows .destination, .rows .service, .rows .schedule { font-size: var(--size-s); }
.line.off, .line.off .open, .line.off .unit { color: var(--muted); }
.line.off .badge { background: none; color: var(--muted); box-shadow: inset 0 0 0 1px var(--line); }
.name { display: grid; }
.open { justify-self: start; max-width: 100%; padding: 0; border: 0; background: none; color: var(--accent); font-weight: 560; text-align: left; overflow: hidden; text-overflow: ellipsis; cursor: pointer; }
.open:hover { text-decoration: underline; text-underline-offset: 2px; }
.second { overflow: hidden; text-overflow: ellipsis; color: var(--muted); font-size: 0.75rem; }
.line .log { display: flex; gap: 3px; color: var(--muted); }
.flag.warn { color: var(--warn); }
.hits { text-align: right; font-variant-numeric: tabular-nums; }
.unit { display: none; }

:host([narrow]) .table { min-width: 0; }
:host([narrow]) .heads { display: none; }
:host([narrow]) .rows .line { height: 116px; grid-template-columns: 70px minmax(0, 1fr) minmax(0, 1fr) 36px; grid-template-rows: 36px 21px 21px 21px; gap: 0 10px; padding: 8px var(--space-3); align-content: center;
  grid-template-areas: "number name action actions" "active source destination destination" "active service schedule schedule" "active hits log log"; }
:host([narrow]) .line > .number { grid-area: number; }
:host([narrow]) .line > .name { grid-area: name; }
:host([narrow]) .line > .action { grid-area: action; justify-self: end; }
:host([narrow]) .line > .actions { grid-area: actions; }
:host([narrow]) .line > .active { grid-area: active; justify-self: end; padding-top: 6px; align-self: start; }
:host([narrow]) .line > .source { grid-area: source; }
:host([narrow]) .line > .destination { grid-area: destination; }
:host([narrow]) .line > .destination::before { content: "→ "; color: var(--muted); }
:host([narrow]) .line > .service { grid-area: service; }
:host([narrow]) .line > .service:has(.muted) span::after { content: " service"; }
:host([narrow]) .line > .source:has(.muted) span::after { content: " source"; }
:host([narrow]) .line > .destination:has(.muted) span::after { content: " destination"; }
:host([narrow]) .line > .schedule { grid-area: schedule; }
:host([narrow]) .line > .log { grid-area: log; }
:host([narrow]) .log .none { display: none; }
:host([narrow]) .line > .hits { grid-area: hits; text-align: left; }
:host([narrow]) .unit { display: inline; }
:host([narrow]) .tools .way { flex: 1; }
:host([narrow]) .tools .way .select { width: 100%; }
:host([narrow]) .search { flex-basis: 100%; }
:host([narrow]) .tools .button { flex: 1; }
:host([narrow]) .line > .hits { font-size: var(--size-s); }

.menu { position: fixed; inset: auto; margin: 0; min-width: 176px; padding: 4px; border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); color: var(--text); box-shadow: var(--shadow-l); }
.menu button { display: flex; align-items: center; gap: 10px; width: 100%; min-height: 34px; padding: 0 10px; border: 0; border-radius: 4px; background: none; text-align: left; cursor: pointer; }
.menu button:hover, .menu button:focus-visible { background: var(--hover); }
.menu button svg { color: var(--muted); }
.menu .harsh, .menu .harsh svg { color: var(--bad); }

.sheet { position: fixed; inset: 0 0 0 auto; width: min(480px, 100vw); max-width: none; height: 100dvh; max-height: none; margin: 0; border-width: 0 0 0 1px; }
.sheet-form { display: grid; grid-template-rows: auto minmax(0, 1fr) auto; height: 100%; }
.sheet-head { display: flex; align-items: center; gap: var(--space-3); min-height: var(--topbar, 52px); padding: 8px 12px 8px var(--space-5); border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.sheet-head h2 { font-size: var(--size-l); }
.sheet-body { display: grid; grid-template-columns: minmax(0, 1fr); align-content: start; gap: var(--space-4); padding: var(--space-4) var(--space-5) var(--space-5); overflow: auto; }
.sheet-foot { display: flex; justify-content: flex-end; gap: var(--space-2); padding: var(--space-3) var(--space-5); border-top: 1px solid var(--line); background: var(--raised); }
.two, .three { display: grid; grid-template-columns: 1fr 1fr; gap: var(--space-3); }
.three { grid-template-columns: 1fr 1fr 92px; }
.with-active { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: var(--space-4); }
.with-active > .row { align-self: start; margin-top: 26px; min-height: var(--control); cursor: pointer; }
.list { display: grid; gap: 6px; }
.offer { justify-self: start; width: auto; max-width: 100%; --control: 28px; font-size: var(--size-s); }
.field.close { margin-top: -8px; }
.field > .check { font-weight: 400; }
h3 { font-size: var(--size); }
.inset { padding-left: var(--space-4); border-left: 2px solid var(--line); margin-top: 6px; gap: var(--space-3); }
.days { gap: 4px var(--space-3); }
.wide { gap: var(--space-5); }
legend { padding: 0; }
.segments { display: inline-flex; justify-self: start; border: 1px solid var(--line-strong); border-radius: var(--radius); overflow: hidden; margin-top: 5px; }
.segments label { position: relative; display: inline-flex; align-items: center; gap: 5px; min-height: calc(var(--control) - 2px); padding: 0 12px; cursor: pointer; }
.segments label + label { border-left: 1px solid var(--line); }
.segments input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.segments label:has(input:checked) { font-weight: 600; }
.segments label:has([value="permit"]:checked) { background: var(--ok-soft); color: var(--ok); }
.segments label:has([value="drop"]:checked) { background: var(--bad-soft); color: var(--bad); }
.segments label:has([value="reject"]:checked) { background: var(--warn-soft); color: var(--warn); }
.segments label:has(input:focus-visible) { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: var(--radius); }

.target { max-width: 140px; }
.order { display: grid; border: 1px solid var(--line); border-radius: var(--radius); overflow: hidden; }
.order li { display: flex; align-items: center; gap: var(--space-3); min-height: 36px; padding: 4px 10px; }
.order li + li { border-top: 1px solid var(--line); }
.order .at { min-width: 3ch; color: var(--muted); text-align: right; font-variant-numeric: tabular-nums; }
.order .called { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.order .moved { background: var(--accent-soft); box-shadow: inset 3px 0 0 var(--accent); font-weight: 600; }
.order .off .called { color: var(--muted); }
.notes { gap: var(--space-2); }

.said-bar { position: sticky; bottom: 0; z-index: 3; display: flex; justify-content: center; pointer-events: none; }
.saying { display: flex; align-items: center; gap: var(--space-2); max-width: 100%; margin: var(--space-3) 0; padding: 6px 8px 6px 16px; border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); box-shadow: var(--shadow-l); pointer-events: auto; overflow-wrap: anywhere; }
.undo { color: var(--accent); font-weight: 620; }

.test summary { display: flex; flex-wrap: wrap; align-items: center; gap: 4px var(--space-3); min-height: 46px; padding: 8px var(--space-4); cursor: pointer; }
.test summary::before { content: ""; width: 7px; height: 7px; margin-right: 2px; border: solid var(--muted); border-width: 0 1.5px 1.5px 0; rotate: -45deg; transition: rotate var(--quick); }
.test[open] summary::before { rotate: 45deg; }
.test-form { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: var(--space-3); align-items: start; padding: var(--space-4); border-top: 1px solid var(--line); }
.test-form .button { margin-top: 25px; }
.said { display: grid; gap: var(--space-2); padding: 0 var(--space-4); color: var(--text); font-size: inherit; overflow-wrap: anywhere; }
.said:not(:empty) { padding-bottom: var(--space-4); }
`);
