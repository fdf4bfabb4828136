// Signing in: a password that can be seen, passkeys, and recovery codes on paper. All but passkeys works without this file.
(() => {
  "use strict";
  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const opened = (list) => (list || []).map((entry) => ({ ...entry, id: toBytes(entry.id) }));

  function wish({ publicKey }) {
    const options = { ...publicKey, challenge: toBytes(publicKey.challenge) };
    if (options.user) options.user = { ...options.user, id: toBytes(options.user.id) };
    if (options.allowCredentials) options.allowCredentials = opened(options.allowCredentials);
    if (options.excludeCredentials) options.excludeCredentials = opened(options.excludeCredentials);
    return { publicKey: options };
  }

  function told(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    const { id, type, authenticatorAttachment } = credential;
    const clientExtensionResults = credential.getClientExtensionResults();
    return { id, rawId: toText(credential.rawId), type, authenticatorAttachment, response, clientExtensionResults };
  }

  // The form is sent once the passkey has answered; whoever turns away may press again.
  async function ask(form) {
    const failed = form.querySelector("[data-failed]");
    failed.classList.remove("d-block");
    try {
      const options = wish(JSON.parse(form.dataset.options));
      const credential = await navigator.credentials[form.dataset.passkey](options);
      form.elements.credential.value = JSON.stringify(told(credential));
      form.submit();
    } catch {
      failed.classList.add("d-block");
    }
  }

  document.documentElement.classList.add("js");
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form[data-passkey]").forEach((form) => form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    }));
    document.querySelectorAll("[data-shows]").forEach((box) => {
      const fields = box.form.querySelectorAll("input[type=password]");
      const show = () => fields.forEach((field) => { field.type = box.checked ? "text" : "password"; });
      box.addEventListener("change", show);
      box.form.addEventListener("submit", () => { box.checked = false; show(); }); // browsers remember what was text
    });
    document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
  });
})();
