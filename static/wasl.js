// Focus, the sum that follows the typing, input that is never lost, one submit a page. Everything works without this file:
// pages are forms and links. The keys are in keys.js.
(() => {
  "use strict";
  let focusedTone = "";

  const $ = (selector, root) => (root || document).querySelector(selector);
  const typing = (el) => el && (el.matches("input:not([type=radio]), textarea, select") || el.isContentEditable);
  const box = () => $("#box");

  // Focus moves to what the person must do or read next, once for each state.
  function settle(root) {
    const result = $("[data-focus-once]", root);
    if (result) {
      if (result.dataset.focusOnce !== focusedTone && !typing(document.activeElement)) result.focus();
      focusedTone = result.dataset.focusOnce;
      return;
    }
    const target = $("[data-focus-here]", root);
    if (!target || (document.activeElement === box() && box().value)) return;
    target.focus();
    if (target.select && target.type !== "radio") target.select();
  }

  // What was chosen or typed on a card and not sent yet comes back with the card: Esc never loses input.
  const keptAs = (form) => `kept ${form.getAttribute("action")}`;

  function keep(form) {
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("csrfmiddlewaretoken");
    sessionStorage.setItem(keptAs(form), fields);
  }

  // What was sent has arrived, unless the answer is the sign-in or a question who is there: then it is still needed.
  function arrived() {
    if (!document.body.matches("[data-door]")) sessionStorage.removeItem(sessionStorage.getItem("sent") || "");
    sessionStorage.removeItem("sent");
  }

  function giveBack(root) {
    const form = $("form.rc", root);
    const fields = new URLSearchParams((form && sessionStorage.getItem(keptAs(form))) || "");
    fields.forEach((value, name) => form.querySelectorAll(`[name="${name}"]`).forEach((field) => {
      if (field.type === "radio") field.checked = field.value === value;
      else if (field.type === "checkbox") field.checked = field.checked || field.value === value;
      else field.value = value;
    }));
    if (form && form.matches("[data-amounts]") && form.elements.services_total.value) left(form);
  }

  // Minor units as integers: no floating point touches an amount. The server's answer is the one that counts.
  function minor(text, decimals) {
    const plain = text
      .replace(/[\u0660-\u0669]/g, (d) => String(d.charCodeAt(0) - 0x660))
      .replace(/[\u06f0-\u06f9]/g, (d) => String(d.charCodeAt(0) - 0x6f0))
      .replace(/\u066b/g, ".")
      .replace(/[\u066c\s\u00a0\u202f]/g, "")
      .replace(/,(?=\d{3}(\D|$))/g, "")
      .replace(",", ".");
    const match = /^(\d{1,9})(?:\.(\d*))?$/.exec(plain);
    if (!match || (match[2] || "").length > decimals) return null;
    return BigInt(match[1] + (match[2] || "").padEnd(decimals, "0"));
  }

  function left(form) {
    const decimals = Number(form.dataset.decimals);
    const total = minor(form.elements.services_total.value, decimals);
    const value = minor(Number.isNaN(Number(form.dataset.value)) ? "" : form.dataset.value.replace(/(\.\d\d)0+$/, "$1"), decimals);
    const cell = $("[data-left]", form);
    const rest = total === null || value === null ? null : total - value;
    if (rest === null || rest < 0n) {
      cell.replaceChildren("—");
      return;
    }
    const digits = rest.toString().padStart(decimals + 1, "0");
    const whole = digits.slice(0, -decimals);
    const french = document.documentElement.lang === "fr";
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, french ? "\u202f" : ",");
    const shown = $("[data-left-template]", form).content.cloneNode(true);
    $("bdi[dir=ltr]", shown).textContent = grouped + (french ? "," : ".") + digits.slice(-decimals);
    cell.replaceChildren(shown);
    form.elements.services_total.classList.remove("is-invalid");
    form.elements.services_total.removeAttribute("aria-invalid");
    if ($("#total-error")) $("#total-error").remove();
  }

  function tick() {
    document.querySelectorAll("[data-seconds]").forEach((el) => {
      el.dataset.seconds = String(Number(el.dataset.seconds) + 1);
      el.textContent = el.dataset.seconds;
    });
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest && event.target.closest("form.rc");
    if (!form) return;
    keep(form);
    if (form.matches("[data-amounts]")) left(form);
  });
  // One submit a page: a second click or Enter does nothing, and the server would answer with the same operation anyway.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // What answers with a file leaves the page standing: it may be sent again.
    if (form.method === "dialog" || event.defaultPrevented || form.matches("[data-download]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    form.classList.add("busy");
    if (form.matches("form.rc")) sessionStorage.setItem("sent", keptAs(form));
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.classList.remove("busy");
    });
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr, requestConfig } = event.detail;
    const same = target.dataset.state && xhr.responseText.includes(`data-state="${target.dataset.state}"`);
    if (same) event.detail.shouldSwap = false; // nothing new: focus, open details and screen readers rest
    if (new URL(xhr.responseURL).pathname !== requestConfig.path.split("?")[0]) location.reload(); // signed out meanwhile
  });
  // The page waits until she has ended what she scans.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const next = $("#part [data-scan]");
    if (next && next.value && event.detail.xhr.getResponseHeader("HX-Redirect")) event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.detail.elt || event.detail.elt.id !== "part") return;
    giveBack($("#part"));
    settle($("#part"));
    if ($("#work")) htmx.trigger("#work", "refresh");
  });
  document.addEventListener("DOMContentLoaded", () => {
    arrived();
    giveBack(document);
    settle(document.body);
    setInterval(tick, 1000);
    if ($("[data-print-now]")) window.print();
  });
})();
