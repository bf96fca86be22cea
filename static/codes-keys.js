// The keys of the code pages: / to the box, Down and Up through the codes, f for favourite. All of it works without them.
const links = () => [...document.querySelectorAll("[data-rows] .code-link, [data-walk] a")];

async function toggle(form) {
  const button = form.querySelector("button");
  const data = new FormData(form);
  data.set("wanted", button.value);
  const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
  if (!answer.ok) return form.requestSubmit(button); // the server says what is wrong
  const { favourite } = await answer.json();
  button.value = favourite ? "no" : "yes";
  button.setAttribute("aria-pressed", String(favourite));
  button.firstElementChild.textContent = favourite ? "★" : "☆";
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-favourite]") || event.target.dataset.sent) return;
  event.preventDefault();
  toggle(event.target).catch(() => { event.target.dataset.sent = "1"; event.target.submit(); });
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("q").select();
  } else if (event.key === "f") {
    const holder = document.activeElement.closest("li") ?? document.querySelector("[data-row]");
    const form = holder?.querySelector("[data-favourite]");
    if (form) toggle(form);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const all = links(), at = all.indexOf(document.activeElement);
    if (!all.length || (at < 0 && document.activeElement !== document.body)) return;
    event.preventDefault();
    all[event.key === "ArrowDown" ? Math.min(at + 1, all.length - 1) : Math.max(at - 1, 0)].focus();
  }
});
