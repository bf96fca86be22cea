// The composer: check while typing, and attach selected words with their exact offsets.
const form = document.getElementById("composer");
const check = document.getElementById("check");
let timer;
form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "text/x-check" } });
    if (answer.ok) check.innerHTML = await answer.text();
  }, 500);
});

const picker = document.getElementById("selection");
// Offsets count characters as the server does: code points, not UTF-16 units.
const points = (text) => Array.from(text).length;
document.addEventListener("selectionchange", () => {
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
  picker.elements.ref.value = holder.dataset.document;
  picker.elements.start.value = points(before.toString());
  picker.elements.end.value = points(before.toString()) + points(range.toString());
  picker.hidden = false;
});
