// The coding panel: forms are sent without leaving the page, and every step has a key. Without it, every form still works.
const coding = document.getElementById("coding");
const said = document.getElementById("coding-said");
const box = document.getElementById("assign");
coding.classList.add("enhanced");
const at = (id) => document.getElementById(id);
const row = (node) => node?.closest?.(".code-row");
const rows = (list) => [...list.querySelectorAll(":scope > .code-row")];

// One after the other: each is sent with the revision that the one before it led to.
let before = Promise.resolve();
function act(send) {
  before = before.then(send).catch((error) => {
    said.replaceChildren(notice(navigator.onLine ? `This could not be sent: ${error.message}` : "You are offline; nothing was sent."));
  });
  return before;
}
function notice(text) {
  const one = document.createElement("p");
  one.className = "alert alert-danger py-2 mb-2";
  one.textContent = text;
  return one;
}

async function post(form, submitter, extra = {}, action = "") {
  const data = new FormData(form, submitter);
  const revision = at("coding-bar")?.dataset.revision;
  if (revision !== undefined && data.has("revision")) data.set("revision", revision);
  for (const [name, value] of Object.entries(extra)) data.set(name, value);
  const address = new URL(action || (submitter?.hasAttribute("formaction") ? submitter.formAction : form.action));
  address.search = location.search;
  const answer = await fetch(address, { method: "POST", body: data, headers: { Accept: "text/x-part" } });
  if (answer.redirected || ![200, 409, 422].includes(answer.status)) {
    // Signed out, or not allowed: the page itself says so, and keeps what was typed.
    form.dataset.plain = "yes";
    form.requestSubmit(submitter ?? undefined);
    return null;
  }
  return { code: answer.status, text: await answer.text() };
}

function show(answer, form) {
  if (answer.code === 422) {
    said.innerHTML = answer.text;
    return false;
  }
  const focused = document.activeElement;
  const ids = [];
  for (let node = focused; node && node !== coding; node = node.parentElement) if (node.id) ids.push(node.id);
  const beside = row(focused) ?? focused.closest?.(".finding");
  const following = beside ? [beside.nextElementSibling?.id, beside.previousElementSibling?.id] : [];
  const kept = typed(answer.code === 409 ? null : form);
  const open = [...coding.querySelectorAll("details[open][id]")].filter((one) => !form?.contains(one) || one.id === "overridden");
  const fresh = new DOMParser().parseFromString(answer.text, "text/html");
  for (const part of fresh.querySelectorAll("[data-swap]")) at(part.id)?.replaceWith(document.adoptNode(part));
  for (const one of open) at(one.id)?.setAttribute("open", "");
  for (const [id, value] of kept) if (at(id)) at(id).value = value;
  for (const one of coding.querySelectorAll("#from-problems [data-code]")) one.hidden = Boolean(coding.querySelector(`#diagnoses [data-code="${one.dataset.code}"]`));
  if (box) box.hidden = !at("coding-bar").hasAttribute("data-can-edit");
  said.textContent = "";
  const last = at("last-said")?.textContent ?? "";
  const quiet = document.createElement("span");
  quiet.className = "visually-hidden";
  quiet.textContent = answer.code === 409 ? "Not done: the codes changed while the page was open." : `${at("said-now")?.textContent ?? last}. ${counted()}`;
  said.append(quiet);
  if (answer.code === 409) at("notice")?.focus();
  else for (const id of [...ids.slice(0, -1), ...following, ...ids.slice(-1)]) { // the whole list comes last
    const one = id && at(id);
    one?.focus({ preventScroll: true });
    if (one && document.activeElement === one) break;
  }
  coding.dispatchEvent(new CustomEvent("coding-changed"));
  return answer.code === 200;
}
const counted = () => at("findings-title")?.textContent.replace(/\s+/g, " ").trim() ?? "";

// What somebody typed elsewhere on the panel and did not send yet.
function typed(sent) {
  const found = [];
  for (const field of coding.querySelectorAll("[data-swap] :is(input, textarea, select)[id]")) {
    if (sent?.contains(field) || field.type === "hidden") continue;
    const original = field.matches("select") ? ([...field.options].find((one) => one.defaultSelected) ?? field.options[0])?.value : field.defaultValue;
    if (field.value !== original) found.push([field.id, field.value]);
  }
  return found;
}

coding.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.dataset.plain || form.closest("[data-no-fetch]")) return;
  event.preventDefault();
  const submitter = event.submitter;
  act(async () => {
    const ids = new Set([...coding.querySelectorAll(".code-row")].map((one) => one.id));
    const replaced = form === box && !submitter?.hasAttribute("formaction") ? at(`code-${box.dataset.replaces}`)?.querySelector("form.doings") : null;
    const answer = replaced ? await post(form, submitter, { change: "replace" }, replaced.action) : await post(form, submitter);
    if (!answer || !show(answer, form)) return;
    const again = form.closest("#notice") && form.elements.code?.value === box?.elements.code.value; // sent from the notice
    if ((form === box && !submitter?.hasAttribute("formaction")) || again) assigned(ids);
  });
});

// After a code is assigned, the box is ready for the next; a procedure or service asks for its details first.
function assigned(ids) {
  replace("");
  citeOpen(); // the words that documented one code do not document the next
  box.elements.code.value = "";
  box.elements.system.value = "";
  if (box.elements.poa) box.elements.poa.value = "";
  const added = [...coding.querySelectorAll(".code-row")].find((one) => !ids.has(one.id));
  const more = added && !added.closest("#codes") && added.querySelector(".more");
  if (more) {
    more.open = true;
    more.querySelector("input:not([type=hidden])")?.focus();
  } else box.elements.code.focus();
  added?.scrollIntoView({ block: "nearest" });
}

// The box can put another code in the place of one.
const replacing = at("replacing");
function replace(ref) {
  const code = at(`code-${ref}`)?.dataset.code;
  box.dataset.replaces = code ? ref : "";
  replacing.hidden = !code;
  if (!code) return;
  replacing.querySelector("span").textContent = `Replaces ${code}.`;
  box.elements.code.focus();
  box.scrollIntoView({ block: "nearest" });
}
replacing?.querySelector("button").addEventListener("click", () => { replace(""); box.elements.code.focus(); });
coding.addEventListener("click", (event) => {
  const button = event.target.closest("[data-replace]");
  if (button) replace(button.dataset.replace);
});

// POA: one key sets it and goes on to the next row that has none.
const poas = () => [...coding.querySelectorAll("select[data-poa]")];
function setPoa(select, value, next) {
  const id = select.id;
  select.value = value;
  if (next) {
    // At once, not when the answer comes: a coder types y y n y.
    const all = poas();
    all.slice(all.indexOf(select) + 1).find((one) => !one.value)?.focus();
  }
  act(async () => {
    const form = at(id)?.form;
    const answer = form && (await post(form, null, { change: "poa", poa: value }));
    if (answer) show(answer, null);
  });
}
coding.addEventListener("change", (event) => {
  if (event.target.matches("select[data-poa]")) setPoa(event.target, event.target.value, false);
});

// Order: by keys on a row, or by its handle.
function move(one, by) {
  const id = one.id;
  act(async () => {
    const list = at(id)?.parentElement;
    if (!list) return;
    const all = rows(list);
    const wanted = by === "first" ? 0 : Math.min(Math.max(all.indexOf(at(id)) + by, 0), all.length - 1);
    await place(id, wanted + 1);
  });
}
async function place(id, sequence) {
  const form = at(id)?.querySelector("form.doings");
  if (!form) return;
  at(id).focus();
  const answer = await post(form, null, { change: "to", sequence });
  if (answer) show(answer, null);
  at(id)?.focus();
  at(id)?.scrollIntoView({ block: "nearest" });
}
coding.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest(".grip");
  if (!grip || event.button) return;
  event.preventDefault();
  const one = row(grip);
  const list = one.parentElement;
  const from = rows(list).indexOf(one);
  list.setPointerCapture(event.pointerId); // not the handle: it leaves the page for a moment when its row moves
  one.classList.add("dragged");
  const follow = (moved) => {
    const other = rows(list).find((each) => each !== one && moved.clientY > each.getBoundingClientRect().top && moved.clientY < each.getBoundingClientRect().bottom);
    if (!other) return;
    const { top, height } = other.getBoundingClientRect();
    other[moved.clientY > top + height / 2 ? "after" : "before"](one);
  };
  const end = (ended) => {
    list.removeEventListener("pointermove", follow);
    list.removeEventListener("pointerup", end);
    list.removeEventListener("pointercancel", end);
    one.classList.remove("dragged");
    const now = rows(list).indexOf(one);
    if (ended.type === "pointercancel") return void list.insertBefore(one, rows(list).filter((each) => each !== one)[from] ?? null);
    if (now !== from) act(() => place(one.id, now + 1));
  };
  list.addEventListener("pointermove", follow);
  list.addEventListener("pointerup", end);
  list.addEventListener("pointercancel", end);
});

// Evidence: selected words, else the document that is open.
const points = (text) => Array.from(text).length; // as the server counts: code points, not UTF-16 units
const passage = at("passage");
let chosen = ""; // the words that are linked, "" for a whole document
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const holder = selection.anchorNode?.parentElement?.closest("[data-document]");
  if (!box || !holder || selection.isCollapsed || !holder.contains(selection.focusNode)) return;
  const range = selection.getRangeAt(0);
  const until = document.createRange();
  until.setStart(holder, 0);
  until.setEnd(range.startContainer, range.startOffset);
  option(holder);
  box.elements.evidence.value = `document:${holder.dataset.document}`;
  box.elements.start.value = points(until.toString());
  box.elements.end.value = points(until.toString()) + points(range.toString());
  chosen = range.toString();
  passage.textContent = `Linked: “${chosen.slice(0, 160)}”`;
});
box?.elements.evidence.addEventListener("change", () => whole());
function whole() {
  box.elements.start.value = box.elements.end.value = chosen = "";
  passage.textContent = box.elements.evidence.value ? "The whole document is linked." : "Nothing is linked.";
}
function option(holder) {
  const select = box.elements.evidence;
  const value = `document:${holder.dataset.document}`;
  if (![...select.options].some((one) => one.value === value)) select.prepend(new Option(`Open now: ${holder.closest("article")?.querySelector("h3")?.textContent ?? "document"}`, value));
  return value;
}
const opened = at("document");
function citeOpen() {
  const holder = opened?.querySelector("[data-document]");
  box.elements.evidence.value = holder ? option(holder) : "";
  whole();
  if (holder) passage.textContent = "The open document is linked. Select words in it to link exactly them.";
}
if (box && opened) {
  new MutationObserver(() => {
    const holder = opened.querySelector("[data-document]");
    if (holder && !(chosen && box.elements.evidence.value === `document:${holder.dataset.document}`)) citeOpen();
  }).observe(opened, { childList: true });
}

// Findings.
const findings = () => [...coding.querySelectorAll("#findings > .findings > .finding")];
let lastKey = "";
let lastAt = -1;
function nextFinding(by) {
  const all = findings();
  if (!all.length) return void at("findings").focus();
  const focused = all.indexOf(document.activeElement.closest?.(".finding"));
  let now = focused >= 0 ? focused + by : all.findIndex((one) => one.dataset.key === lastKey);
  if (focused < 0) now = now >= 0 ? now + by : Math.max(lastAt, 0); // the last one is fixed: what stood behind it
  const one = all[(now + all.length) % all.length];
  lastKey = one.dataset.key;
  lastAt = all.indexOf(one);
  one.focus({ preventScroll: true });
  one.scrollIntoView({ block: "center" });
}
function go(target) {
  if (!target) return;
  for (let node = target; node; node = node.parentElement) if (node.matches("details")) node.open = true;
  const first = target.matches("details") ? target.querySelector("select, input:not([type=hidden])") ?? target.querySelector("summary") : target;
  first.focus({ preventScroll: true });
  first.scrollIntoView({ block: "center" });
}
coding.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const target = link && at(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  go(target);
});

// What is fetched by itself: the grouping at once and after every change, the tools when they are opened.
async function load(holder, address = holder.dataset.href) {
  const answer = await fetch(address, { headers: { Accept: "text/x-part" } });
  if (!answer.ok || answer.redirected) return false;
  holder.innerHTML = await answer.text();
  return true;
}
let severities = [];
async function group() {
  const holder = at("grouped");
  if (!holder || !(await load(holder))) return;
  severities = [...holder.querySelectorAll("[data-level]")];
  weigh();
}
function weigh() {
  for (const one of severities) {
    const place = coding.querySelector(`[data-severity="${one.dataset.of}"]`);
    if (!place) continue;
    const badge = document.createElement("span");
    badge.className = `badge ${one.dataset.why ? "text-bg-secondary" : "text-bg-dark"}`;
    badge.textContent = one.dataset.why ? `${one.dataset.level}, does not count` : one.dataset.level;
    if (one.dataset.why) badge.title = one.dataset.why;
    place.replaceChildren(" ", badge);
  }
}
group();
function tool(one) {
  if (one.open) load(one.querySelector("[data-href]"));
}
for (const one of coding.querySelectorAll("[data-tool]")) one.addEventListener("toggle", () => {
  if (one.dataset.tool !== "once" || !one.querySelector("form")) tool(one);
});
coding.addEventListener("coding-changed", () => {
  weigh();
  group();
  for (const one of coding.querySelectorAll("[data-tool][open]")) if (one.dataset.tool !== "once") tool(one);
});
coding.addEventListener("input", async (event) => {
  const form = event.target.closest("[data-em]");
  if (!form) return;
  const address = `${form.action.split("?")[0]}?${new URLSearchParams(new FormData(form))}`;
  const answer = await fetch(address, { headers: { Accept: "text/x-part" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (event.target.name === "visit") form.replaceWith(document.adoptNode(fresh.querySelector("[data-em]")));
  else form.querySelector(".em-result").replaceChildren(...fresh.querySelector(".em-result").childNodes);
  if (event.target.name === "visit") at("em-visit").focus();
});

// While billing's answer is awaited, the page asks now and then, unless somebody is typing in what would be replaced.
const ASKS = 40;
let asks = 0;
setInterval(() => {
  const address = at("coding-bar")?.dataset.waits;
  if (!address || document.hidden || ++asks > ASKS) return;
  act(async () => {
    const answer = await fetch(address + location.search, { headers: { Accept: "text/x-part" } });
    if (!answer.ok || answer.redirected) return;
    const text = await answer.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("coding-bar");
    if (fresh && fresh.querySelector(".handed")?.innerHTML !== coding.querySelector("#coding-bar .handed")?.innerHTML) show({ code: 200, text }, null);
  });
}, 3000);

// Keys. They come before the chart's, which has an `n` of its own.
const step = (one, by) => {
  const all = [...coding.querySelectorAll(".code-row")];
  const next = all[all.indexOf(one) + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
};
const onRow = {
  ArrowDown: (one) => step(one, 1),
  ArrowUp: (one) => step(one, -1),
  p: (one) => move(one, "first"),
  Delete: (one) => one.querySelector("button[value=remove]")?.click(),
  Enter: (one) => {
    const more = one.querySelector(".more");
    if (!more) return;
    more.open = true;
    more.querySelector("input:not([type=hidden]), select")?.focus();
  },
  r: (one) => one.querySelector("[data-replace]") && replace(one.dataset.ref),
  l: (one) => one.querySelector("button[value=evidence]")?.click(),
};
let afterG = false;
function key(event) {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return false;
  if (event.altKey) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by && target.matches?.(".code-row")) return move(target, by), true;
    return false;
  }
  if (target.matches?.("select[data-poa]")) {
    const all = poas();
    const to = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (to) return all[all.indexOf(target) + to]?.focus(), true;
    if (/^[ynuw1]$/i.test(event.key)) return setPoa(target, event.key.toUpperCase(), true), true;
  }
  if (event.key === "Escape" && coding.contains(target)) {
    if (target.matches("[role=combobox]") && (target.value || target.getAttribute("aria-expanded") === "true")) return false;
    if (target === box?.elements.code && box.dataset.replaces) return replace(""), true;
    const more = target.closest("details.more[open], details[open]");
    if (more) return (more.open = false), (row(more) ?? more.querySelector("summary")).focus(), true;
    if (row(target) && row(target) !== target) return row(target).focus(), true;
    if (target.matches("input, select, textarea")) return target.blur(), true;
    return false;
  }
  if (target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return false;
  const wasG = afterG;
  afterG = event.key === "g";
  if (wasG && event.key === "f") return nextFinding(1), true;
  if (wasG && event.key === "s") return go(at("coding-bar").querySelector(".steps :is(button, summary)") ?? at("stay")), true;
  if (wasG || afterG) return false;
  if (target.matches?.(".code-row") && onRow[event.key]) return onRow[event.key](target), true;
  if (target.matches?.(".finding") && event.key === "Enter") return target.querySelector(".fix")?.click(), true;
  if (target.matches?.(".finding") && event.key === "x") {
    const reason = target.querySelector("details textarea");
    if (reason) go(reason);
    else said.replaceChildren(notice("This must be fixed; it cannot be overridden."));
    return true;
  }
  if (event.key === "c" && box && !box.hidden) return box.elements.code.select(), box.elements.code.focus(), true;
  if (coding.contains(target) || !document.querySelector("#document mark")) {
    if (event.key === "n") return nextFinding(1), true;
    if (event.key === "N") return nextFinding(-1), true;
  }
  return false;
}
document.addEventListener("keydown", (event) => {
  if (!key(event)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
document.addEventListener("click", (event) => {
  for (const one of coding.querySelectorAll("details.more[open]")) if (!one.contains(event.target)) one.open = false;
});
