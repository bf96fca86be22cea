// Type-ahead for codes: fills the datalist that the field names.
for (const field of document.querySelectorAll("input[data-search]")) {
  const list = document.getElementById(field.getAttribute("list"));
  let timer;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const answer = await fetch(`${field.dataset.search}?q=${encodeURIComponent(field.value)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const hits = await answer.json();
      list.replaceChildren(...(hits.results ?? hits).map((hit) => {
        const option = document.createElement("option");
        option.value = hit.code;
        option.label = `${hit.code} ${hit.title}`;
        return option;
      }));
    }, 150);
  });
}

// Words that are selected in a document become the evidence of the code that is assigned next.
const assign = document.getElementById("assign");
const points = (text) => Array.from(text).length; // as the server counts: code points, not UTF-16 units
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const holder = selection.anchorNode?.parentElement?.closest("[data-document]");
  if (!assign || !holder || selection.isCollapsed || !holder.contains(selection.focusNode)) return;
  const range = selection.getRangeAt(0);
  const before = document.createRange();
  before.setStart(holder, 0);
  before.setEnd(range.startContainer, range.startOffset);
  assign.elements.evidence.value = `document:${holder.dataset.document}`;
  assign.elements.start.value = points(before.toString());
  assign.elements.end.value = points(before.toString()) + points(range.toString());
  document.getElementById("passage").textContent = `“${range.toString().slice(0, 160)}”`;
});
assign?.elements.evidence.addEventListener("change", () => {
  assign.elements.start.value = assign.elements.end.value = "";
  document.getElementById("passage").textContent = "The whole document is cited.";
});
