// Type-ahead for codes: a combobox (ARIA Authoring Practices, "editable combobox with list autocomplete").
//
// For every <input data-search="/codes/search">. Without JavaScript it stays a plain text field.
//   data-systems="icd10cm icd10pcs"  the code systems to look in; absent or "" for all, or ICD-10-CM alone where nothing
//                                    keeps which system the code is of (no data-system-field, no data-open)
//                                    data-systems-field="id" reads it from a select instead
//   data-on="2026-10-01"             the day of discharge or service; absent or "" for today.
//                                    data-on-field="id" reads it from a date field instead
//   data-system-field="id"           a hidden field that is given the system of the code chosen, and "" as soon as
//                                    the text is no longer what was chosen
//   data-open                        a choice opens the code's page instead of staying in the field
// The server answers GET data-search?q=...&system=...&system=...&on=... with
//   {"term", "hint", "results": [{"system", "code", "title", "billable", "system_name", "found_as", "mark", "url"}]}
//   hint: what is wrong with what was typed and what was probably meant, or "" (a comma, an ICD-9 code, a letter O)
//   found_as: the inclusion term that was found, where it was not the title; mark: "favourite", "recent" or ""
// An empty field offers the coder's favourite and recent codes on an arrow key.
// On a choice the field holds the code, the hidden field the system, and the field dispatches
//   new CustomEvent("code-chosen", { bubbles: true, detail: { system, code, title, billable } })
// Keys: Down and Up walk through the list, Enter chooses, Escape closes it and then empties the field, Alt+Down opens
// the list. Enter with nothing walked to does what it does in any form.

const WAIT = 120; // ms after the last key
let boxes = 0;

function combobox(field) {
  const id = `code-list-${++boxes}`;
  const list = Object.assign(document.createElement("ul"), { id, className: "code-list", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Codes found");
  const said = Object.assign(document.createElement("div"), { className: "visually-hidden" });
  said.setAttribute("role", "status");
  const hint = Object.assign(document.createElement("div"), { className: "form-text code-hint", id: `${id}-hint`, hidden: true });
  const holder = Object.assign(document.createElement("div"), { className: "code-box" });
  const hadFocus = document.activeElement === field || (field.autofocus && document.activeElement === document.body);
  field.replaceWith(holder);
  holder.append(field, hint, list, said); // the hint above the list, never behind it
  if (hadFocus) field.focus(); // a field that is moved loses it
  field.removeAttribute("list");
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id,
    autocomplete: "off", autocapitalize: "off", spellcheck: "false",
  })) field.setAttribute(name, value);
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), hint.id].filter(Boolean).join(" "));

  const systemField = document.getElementById(field.dataset.systemField ?? "");
  const anySystem = systemField || field.hasAttribute("data-open") ? "" : "icd10cm";
  let hits = [], at = -1, timer, asked = 0, chosen = null;

  function address() {
    const query = new URLSearchParams({ q: field.value });
    const systems = document.getElementById(field.dataset.systemsField ?? "")?.value ?? field.dataset.systems;
    for (const system of (systems || anySystem).split(/\s+/).filter(Boolean)) query.append("system", system);
    const day = document.getElementById(field.dataset.onField ?? "")?.value ?? field.dataset.on;
    if (day) query.set("on", day);
    return `${field.dataset.search}?${query}`;
  }

  function close() {
    clearTimeout(timer);
    asked += 1; // what is still under way is answered to nobody
    list.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function walk(to) {
    if (!hits.length) return;
    list.children[at]?.setAttribute("aria-selected", "false");
    at = (to + hits.length) % hits.length;
    const option = list.children[at];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  }

  function choose(hit) {
    if (field.hasAttribute("data-open") && hit.url) return void location.assign(hit.url);
    chosen = hit;
    field.value = hit.code;
    if (systemField) systemField.value = hit.system;
    close();
    const { system, code, title, billable } = hit;
    field.dispatchEvent(new CustomEvent("code-chosen", { bubbles: true, detail: { system, code, title, billable } }));
  }

  function option(hit, number) {
    const row = Object.assign(document.createElement("li"), { id: `${id}-${number}` });
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    const add = (text, className) => text && row.append(Object.assign(document.createElement("span"), { textContent: text, className }), " ");
    add(hit.code, "code-list-code");
    add(hit.title, "code-list-title");
    add(hit.found_as && `“${hit.found_as}”`, "code-list-note");
    add(hit.billable ? "" : "not billable", "badge text-bg-secondary");
    add(hit.mark, "badge text-bg-info");
    add(hit.system_name, "code-list-note");
    row.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    row.addEventListener("click", () => choose(hit));
    return row;
  }

  async function ask() {
    const number = ++asked;
    let answer;
    try {
      answer = await fetch(address(), { headers: { Accept: "application/json" } });
    } catch {
      return; // offline: the field still takes what is typed
    }
    if (!answer.ok || number !== asked) return; // a later key has overtaken this answer
    const found = await answer.json();
    if (number !== asked || document.activeElement !== field) return;
    hits = found.results;
    at = -1;
    field.removeAttribute("aria-activedescendant");
    list.replaceChildren(...hits.map(option));
    list.hidden = !hits.length;
    field.setAttribute("aria-expanded", String(Boolean(hits.length)));
    hint.textContent = found.hint;
    hint.hidden = !found.hint;
    said.textContent = hits.length ? `${hits.length} ${hits.length === 1 ? "code" : "codes"}` : field.value.trim() ? "No code" : "";
  }

  field.addEventListener("input", () => {
    if (chosen && field.value !== chosen.code) {
      chosen = null;
      if (systemField) systemField.value = "";
    }
    clearTimeout(timer);
    // An empty field opens nothing by itself: after a code was assigned the list would lie over the codes.
    if (!field.value.trim()) return close();
    timer = setTimeout(ask, WAIT);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return void ask();
      if (!event.altKey) walk(event.key === "ArrowDown" ? at + 1 : Math.max(at, 0) - 1);
      else if (event.key === "ArrowUp") close();
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      event.preventDefault();
      choose(hits[at]);
    } else if (event.key === "Enter") close(); // the form goes as it is
    else if (event.key === "Escape") {
      if (list.hidden && field.value) {
        field.value = "";
        field.dispatchEvent(new Event("input"));
      } else if (!list.hidden) event.preventDefault();
      close();
    }
  });
  field.addEventListener("blur", close);
}

const fields = document.querySelectorAll("input[data-search]");
if (fields.length) {
  const looks = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("codes.css", import.meta.url) });
  document.head.append(looks); // so that a page needs to name this module only
}
fields.forEach(combobox);
