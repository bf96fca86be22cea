// The keys of the worklist of gaps. Everything here also works with Tab and Enter.
const rows = [...document.querySelectorAll(".gap-row")];
const here = () => rows.find((one) => one.contains(document.activeElement));

function step(by) {
  const now = rows.indexOf(here());
  const next = rows[Math.min(Math.max(now + by, 0), rows.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function dismiss() {
  const details = (here() ?? rows[0])?.querySelector(".dismiss");
  if (!details) return;
  details.open = true;
  details.querySelector(".reason").focus();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  a: () => (here() ?? rows[0])?.querySelector(".ask").click(),
  x: dismiss,
  o: () => (here() ?? rows[0])?.querySelector(".to-chart").click(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select")) return;
  const act = event.key === "Enter" && event.target.classList?.contains("gap-row") ? keys.a : keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
