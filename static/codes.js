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
