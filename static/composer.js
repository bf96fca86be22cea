// The composer: the draft saves and checks itself, evidence is picked without leaving the page, every step has a key.
const column = document.getElementById("draft");
const frame = document.getElementById("preview-frame");
const PAUSE = 600; // ms without a key before the draft is saved
document.querySelector(".composing").classList.add("saves-itself");

const form = () => document.getElementById("composer");
// What the draft says, without the answer that is not added yet.
function typed() {
  const data = new FormData(form());
  data.delete("added");
  data.delete("seen");
  return new URLSearchParams(data).toString();
}
let saved = typed(); // as the server has it
let tried = saved; // as it was last sent, kept or refused
let timer, busy, held = false, isLeaving = false;

function say(text) {
  document.getElementById("state").textContent = text;
}
const saving = () => document.getElementById("saving");

// Put the parts of an answer in their places. kinds: which; a field that changed since `sent` keeps what was typed.
function place(html, kinds, sent) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of page.querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id);
    if (!old || !kinds.includes(part.dataset.part)) continue;
    if (part.dataset.part === "words") {
      if (old.value === sent.get(old.name)) old.value = part.value;
      continue;
    }
    const focus = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(document.adoptNode(part));
    if (focus) (document.getElementById(focus) ?? document.getElementById(part.id)).focus();
  }
  const wanted = {
    override_reason: document.getElementById("state").dataset.warnings,
    repeat_reason: document.getElementById("guard").dataset.needsReason,
  };
  for (const [name, count] of Object.entries(wanted)) {
    document.getElementById(`${name}-block`).hidden = count === "0" && !form().elements[name].value;
  }
}

// Send a form by fetch; one at a time, so that answers come in the order of the questions.
async function post(address, data, accept, kinds) {
  await busy;
  const before = typed();
  tried = before;
  const go = async () => {
    try {
      const answer = await fetch(address, { method: "POST", body: data, headers: { Accept: accept } });
      const isPart = (answer.headers.get("Content-Type") ?? "").startsWith("text/html") && !answer.redirected;
      if (answer.redirected) return void (location.href = answer.url);
      if (!isPart || ![200, 400, 409].includes(answer.status)) {
        const why = answer.status === 401 ? "you are signed out. Sign in again in another window" : "the server refused";
        return say(`Not saved: ${why}. What you typed stays here.`);
      }
      const html = await answer.text();
      if (!html.includes('id="state"')) return say("Not saved: this page is too old. Open it again; copy what you typed first.");
      const isStill = typed() === before;
      held = answer.status === 409;
      place(html, kinds, data);
      if (held) document.querySelector("#notice [role=alert]")?.focus();
      if (!answer.ok) return;
      saved = tried = isStill ? typed() : before;
      show();
    } catch {
      say("Not saved: no connection. What you typed stays here; it is tried again.");
      timer = setTimeout(save, 5000);
    }
  };
  busy = go();
  await busy;
  if (!held && typed() !== tried) later();
  else saving().hidden = true;
}

async function save() {
  clearTimeout(timer);
  saving().hidden = true;
  if (held || typed() === saved) return;
  saving().hidden = false;
  const data = new FormData(form());
  data.delete("added");
  await post(form().action, data, "text/x-check", ["said"]);
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
}

column.addEventListener("input", (event) => {
  if (event.target.id === "added" || held) return;
  saving().hidden = false;
  later();
});

// The provider's page, as it is after the last save: its words change in place, so that it does not jump.
async function show() {
  const now = frame.contentDocument?.querySelector("main");
  if (!now) return;
  const answer = await fetch(frame.src);
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  now.replaceWith(frame.contentDocument.adoptNode(page.querySelector("main")));
}

// Evidence, answers and fixes change the draft's lists at once; what was typed goes along.
document.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  const address = submitter?.getAttribute("formaction") ?? target.action;
  const isEvidence = new URL(address, location.href).pathname.endsWith("/indicators");
  const isSend = ["send", "submit"].includes(submitter?.value) || submitter?.name === "over";
  if (!isEvidence && (target !== form() || isSend)) {
    isLeaving = target === form(); // a whole page answers, with what was typed
    return;
  }
  event.preventDefault();
  const data = new FormData(target, submitter);
  if (target !== form()) for (const [name, value] of new FormData(form())) if (name !== "csrf_token") data.append(name, value);
  const added = document.getElementById("added");
  const isFix = submitter?.matches("[data-fix]");
  post(address, data, "text/x-part", ["said", "list", "words"]).then(() => {
    if (isFix && !held) step(findings(), 0) ?? go(document.getElementById("send"));
    if (!held && [...document.querySelectorAll("#answer-list label")].some((one) => one.firstChild.textContent.trim() === added.value.trim())) added.value = "";
    document.getElementById("selection").hidden = true;
  });
});

// A window that is closed keeps what was typed in its last second.
addEventListener("pagehide", () => {
  if (!held && !isLeaving && typed() !== saved) fetch(form().action, { method: "POST", body: new FormData(form()), headers: { Accept: "text/x-check" }, keepalive: true });
});

// Words selected in a document become an indicator. Offsets count characters as the server does: code points.
const picker = document.getElementById("selection");
const points = (text) => Array.from(text).length;
document.addEventListener("selectionchange", offer);

function offer() {
  const selection = document.getSelection();
  const holder = selection.anchorNode?.parentElement?.closest("[data-document]");
  if (!holder || selection.isCollapsed || !holder.contains(selection.focusNode)) {
    if (!picker.contains(document.activeElement)) picker.hidden = true;
    return;
  }
  const range = selection.getRangeAt(0);
  const before = document.createRange();
  before.setStart(holder, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = points(before.toString());
  picker.elements.passage.value = `${holder.dataset.document} ${start} ${start + points(range.toString())}`;
  picker.hidden = false;
}

// A sentence is selected by key. Places count in the text of the open document.
function select(holder, from, to) {
  const range = document.createRange();
  const walker = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT);
  for (let at = 0; walker.nextNode(); at += walker.currentNode.length) {
    const { currentNode: node } = walker;
    if (from >= at && from < at + node.length) range.setStart(node, from - at);
    if (to > at && to <= at + node.length) range.setEnd(node, to - at);
  }
  const selection = document.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  offer(); // the browser tells of a selection later, and the next key may come before
  range.startContainer.parentElement.scrollIntoView({ block: "nearest" });
}

// Sentences, without the headings between them; the number of a list belongs to its line.
const SENTENCE = /\S(?:(?<=^\s*\d{1,2})[.)]|[^.;\n]|[.;](?!\s|$))*[.;]?/gm;
const HEADING = /^[^a-z]*:$/;
let chosen;

function sentence(by) {
  const holder = document.querySelector("[data-document]");
  const text = holder?.textContent ?? "";
  const found = [...text.matchAll(SENTENCE)].filter((one) => !HEADING.test(one[0]));
  if (!found.length) return;
  const at = chosen?.text === text ? found.findIndex((one) => one.index === chosen.at) + by : 0;
  const next = found[Math.min(Math.max(at, 0), found.length - 1)];
  chosen = { text, at: next.index };
  select(holder, next.index, next.index + next[0].length);
}

function step(list, by) {
  const at = list.findIndex((one) => one.contains(document.activeElement));
  const next = list[at < 0 ? (by < 0 ? list.length - 1 : 0) : Math.min(Math.max(at + by, 0), list.length - 1)];
  go(next?.querySelector("[data-fix]") ?? next);
  return next;
}

function go(target) {
  target?.focus();
  target?.scrollIntoView({ block: "nearest" });
}

function preview() {
  const layout = document.querySelector(".composing");
  const place = document.getElementById("preview");
  const isInSight = place.getBoundingClientRect().top < innerHeight;
  layout.classList.toggle("without-preview", isInSight && !layout.classList.contains("without-preview"));
  if (!layout.classList.contains("without-preview")) go(place);
}

const findings = () => [...document.querySelectorAll("[data-finding]")];
const keys = {
  e: () => go(form().elements.question),
  f: () => step(findings(), 1),
  F: () => step(findings(), -1),
  i: () => go(document.querySelector(".indicator")),
  v: preview,
  ".": () => sentence(1),
  ",": () => sentence(-1),
};
const onIndicator = {
  ArrowUp: (row) => row.previousElementSibling?.focus(),
  ArrowDown: (row) => row.nextElementSibling?.focus(),
  "Alt+ArrowUp": (row) => act(row, "up", -1),
  "Alt+ArrowDown": (row) => act(row, "down", 1),
  Delete: (row) => act(row, "remove", 0),
};

function act(row, name, by) {
  const rows = [...document.querySelectorAll(".indicator")];
  const to = Math.min(Math.max(rows.indexOf(row) + by, 0), rows.length - 1);
  rows[to].focus(); // rows are named by place: the focus goes along with the one that moves
  form().requestSubmit(row.querySelector(`[name=${name}]`));
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const isField = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if ((event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.key === "s")) {
    event.preventDefault();
    return event.key === "s" ? void save() : form().requestSubmit(document.getElementById("send"));
  }
  if (event.key === "Escape" && isField) return void event.target.blur();
  if (isField || event.ctrlKey || event.metaKey) return;
  const row = event.target.closest?.(".indicator");
  const known = row && onIndicator[`${event.altKey ? "Alt+" : ""}${event.key}`];
  if (known) return void (event.preventDefault(), known(row));
  if (event.altKey || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

// The place of a finding is selected in its field.
column.addEventListener("click", (event) => {
  const cited = event.target.closest(".cited")?.closest("[data-finding]");
  const field = cited && form().elements[cited.dataset.field];
  if (!field?.setSelectionRange) return;
  const units = (count) => Array.from(field.value).slice(0, count).join("").length;
  field.focus();
  field.setSelectionRange(units(cited.dataset.start), units(cited.dataset.end));
});
