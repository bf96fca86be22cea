// The chart reader: documents are fetched into place, and every step has a key. Without it, every link still works.
const PART = { headers: { Accept: "text/x-part" } };
const holder = document.getElementById("document");

async function open(link) {
  const answer = await fetch(link.href, PART);
  if (!answer.ok || answer.redirected) return void (location.href = link.href); // signed out, or gone: the page says so
  holder.innerHTML = await answer.text();
  history.replaceState(null, "", link.href);
  document.querySelector("#documents a[aria-current]")?.removeAttribute("aria-current");
  const line = lines().find((one) => ref(one) === ref(link));
  line?.setAttribute("aria-current", "true");
  line?.classList.remove("unread");
  cite(ref(link));
  const target = document.getElementById("hit") ?? holder.querySelector("h3");
  target?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: target.id === "hit" ? "center" : "nearest" });
}

const ref = (link) => new URL(link.href).searchParams.get("doc");
const lines = () => [...document.querySelectorAll(".reader-list a[data-open]")];

// The open document can be cited by the code that is assigned next.
function cite(document_ref) {
  const choice = document.getElementById("evidence");
  const value = `document:${document_ref}`;
  if (!choice || !holder.querySelector("[data-document]") || [...choice.options].some((one) => one.value === value)) return;
  choice.options[0].after(new Option(`Open now: ${holder.querySelector("h3").textContent}`, value));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (link.matches("[data-keys]")) {
    event.preventDefault();
    document.getElementById("keys").showModal();
  } else if (link.matches("[data-open]") && holder) {
    event.preventDefault();
    open(link);
  } else if (link.matches("[data-into]")) {
    event.preventDefault();
    fill(document.getElementById(link.dataset.into), link.href);
  } else if (link.parentElement.matches("[data-load-on-click]")) {
    event.preventDefault();
    load(link.parentElement);
  }
});

// A search whose answer stands in a part of the page.
document.addEventListener("submit", (event) => {
  const { into } = event.target.dataset;
  if (!into) return;
  event.preventDefault();
  const words = new URLSearchParams(new FormData(event.target));
  fill(document.getElementById(into), `${event.target.action}?${words}`).then(() => suggestion());
});

async function fill(place, address) {
  const answer = await fetch(address, PART);
  if (!answer.ok || answer.redirected) return;
  place.innerHTML = await answer.text();
  place.dataset.loaded = "yes";
}
const load = (place) => fill(place, place.querySelector("a").href);
for (const place of document.querySelectorAll("[data-load]")) load(place);

function go(id) {
  const target = document.getElementById(id);
  target?.focus();
  target?.scrollIntoView({ block: "start" });
}

function step(list, by) {
  const at = list.indexOf(document.activeElement);
  const now = at >= 0 ? at : list.findIndex((one) => one.hasAttribute("aria-current"));
  const next = list[Math.min(Math.max(now + by, 0), list.length - 1)];
  next?.focus();
  return next;
}

let section = -1;
function nextSection(by) {
  const found = [...holder.querySelectorAll(".section-start")];
  if (holder.dataset.of !== holder.querySelector("h3")?.id) section = -1;
  holder.dataset.of = holder.querySelector("h3")?.id;
  section = Math.min(Math.max(section + by, 0), found.length - 1);
  found[section]?.focus();
  found[section]?.scrollIntoView({ block: "start" });
}

let mark = -1;
function nextMark() {
  const found = [...holder.querySelectorAll("mark")];
  if (!found.length) return;
  mark = (mark + 1) % found.length;
  found[mark].tabIndex = -1;
  found[mark].focus();
  found[mark].scrollIntoView({ block: "center" });
}

// The first template that fits, else the search among all of them.
function suggestion() {
  const target = document.querySelector("#suggestions .suggestion button") ?? document.getElementById("search");
  target?.focus();
  target?.scrollIntoView({ block: "nearest" });
}

const places = { d: "documents", r: "results", m: "medications", t: "timeline" };
const keys = {
  "/": () => document.getElementById("find").select(),
  "?": () => document.getElementById("keys").showModal(),
  j: () => step(lines(), 1),
  k: () => step(lines(), -1),
  o: () => document.activeElement.matches?.("a") && document.activeElement.click(),
  u: () => lines().find((one) => one.classList.contains("unread"))?.click(),
  n: nextMark,
  q: suggestion,
  "]": () => nextSection(1),
  "[": () => nextSection(-1),
  s: () => document.querySelector("#selection:not([hidden]) button")?.click(),
};
let afterG = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (afterG) {
    afterG = false;
    const id = event.key === "c" ? (document.getElementById("codes") ? "codes" : "indicators") : places[event.key];
    if (id) return void (event.preventDefault(), go(id));
  }
  if (event.key === "g") return void (afterG = true);
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});
