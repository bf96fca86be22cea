// Passkeys: make one, or answer with one, then send the form that the button stands in.
"use strict";
for (const button of document.querySelectorAll("[data-passkey]")) {
  const form = button.form;
  const say = (words) => { const place = form.querySelector("[role=alert][hidden], [role=alert].said"); if (place) { place.textContent = words; place.hidden = false; place.classList.add("said"); } };
  const make = async () => {
    const options = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(form.dataset.make));
    form.elements.credential.value = JSON.stringify((await navigator.credentials.create({ publicKey: options })).toJSON());
  };
  const answer = async () => {
    const headers = { "X-CSRFToken": form.elements.csrf_token.value };
    const asked = await fetch(button.dataset.passkey, { method: "POST", headers, credentials: "same-origin" });
    if (!asked.ok) throw new Error("refused");
    const options = PublicKeyCredential.parseRequestOptionsFromJSON(await asked.json());
    form.elements.passkey.value = JSON.stringify((await navigator.credentials.get({ publicKey: options })).toJSON());
    form.elements.factor.value = "passkey";
  };
  button.hidden = !(window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON);
  if (button.hidden) say("This browser is too old for passkeys. Use another one, or call the coder's desk.");
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await (form.dataset.make ? make() : answer());
      form.submit();
    } catch {
      button.disabled = false;
      say("That did not work. Try again.");
    }
  });
}
