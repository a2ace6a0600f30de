// form[data-passkey="create|get"]: the browser makes or uses a passkey, then the form is sent with it.
import { whenever } from "./dom.js";

const isAble = Boolean(window.PublicKeyCredential?.parseCreationOptionsFromJSON);

whenever("form[data-passkey]", function passkey(form) {
  if (!isAble) return;
  let isReady = false;
  form.hidden = false;
  const error = form.querySelector(".passkey-error");
  form.addEventListener("submit", async (event) => {
    if (isReady) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    error.hidden = true;
    try {
      const credential = await ask(form.dataset.passkey, await optionsOf(form));
      form.elements.credential.value = JSON.stringify(credential);
      isReady = true;
      form.requestSubmit();
    } catch {
      error.hidden = false;
    }
  }, { capture: true });
});

async function optionsOf(form) {
  if (!form.dataset.optionsUrl) return JSON.parse(form.querySelector("script").textContent);
  const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" } });
  return (await answer.json()).request_options;
}

async function ask(act, { publicKey }) {
  if (act === "create") {
    const wish = { ...publicKey.authenticatorSelection, residentKey: "preferred", userVerification: "preferred" };
    const options = { ...publicKey, authenticatorSelection: wish };
    return navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
    });
  }
  return navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey),
  });
}
