// The keys, and the guard that keeps a scan from pressing a button. Everything works without this file.
(() => {
  "use strict";
  const QUIET = 400; // ms a confirm card must have been on screen, and the scanner silent, before Enter counts
  const FAST = 60; // ms between two keys of a scanner; people are slower
  const SCAN = 6; // as many fast keys before an Enter are a code
  let shownAt = performance.now();
  let lastKey = 0;
  let burst = "";
  let burstAt = 0;

  const $ = (selector) => document.querySelector(selector);
  const typing = (el) => el && (el.matches("input:not([type=radio]), textarea, select") || el.isContentEditable);
  const box = () => $("#box");

  function press(selector) {
    const target = Array.from(document.querySelectorAll(selector)).find((el) => el.offsetParent !== null || el.closest("#main"));
    if (target) target.click();
    return Boolean(target);
  }

  // A scanner types fast and ends in Enter. On a card without a text field its letters go to the box; its Enter never confirms.
  function scanned(event, now) {
    const quick = now - lastKey < FAST;
    if (event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) {
      burst = quick ? burst + event.key : event.key;
      burstAt = now;
    } else if (!["Enter", "Shift", "CapsLock", "AltGraph"].includes(event.key)) burst = "";
    lastKey = now;
    return quick && burst.length > 1;
  }

  function onEnter(event, now, fast) {
    const scan = burst.length >= SCAN && now - burstAt < QUIET;
    const form = event.target.closest && event.target.closest("form");
    const confirm = $("[data-confirm]");
    if (confirm && form === confirm && scan && typing(event.target)) {
      event.preventDefault(); // what was scanned into a field of the card stays there, and is looked at before it is sent
      burst = "";
      return;
    }
    if (confirm && (!form || form === confirm)) {
      if (scan || event.repeat || now - shownAt < QUIET || now - burstAt < QUIET) event.preventDefault();
    } else if (typing(event.target)) return;
    else if (scan || fast || event.target.type === "radio") event.preventDefault();
    if (scan && scanBox()) goOn();
    else if (!confirm && !fast && event.target.type === "radio") event.target.form.requestSubmit();
  }

  // Into the sale that is on the page, or a new one.
  const scanBox = () => $("#part [data-scan]") || box();

  function goOn() {
    const target = scanBox();
    target.value = burst;
    burst = "";
    target.form.requestSubmit();
  }

  // A space inside a scan presses no button either; nor does the key that was held down since the card before.
  function onSpace(event, now, fast) {
    const early = $("[data-confirm]") && (event.repeat || now - shownAt < QUIET);
    if (!typing(event.target) && (fast || early)) event.preventDefault();
  }

  function onKey(event) {
    if (event.isComposing) return;
    const now = event.timeStamp; // when it was pressed: a busy page hears of it later
    const fast = scanned(event, now);
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code); // the key, whatever script its keyboard writes
    if (event.key === "Enter") return onEnter(event, now, fast);
    if (event.key === " ") onSpace(event, now, fast);
    else if (event.altKey && digit) {
      if (press(`[data-alt="${digit[1]}"]`)) event.preventDefault();
    } else if (event.key === "Escape") onEscape(event);
    else if (["F3", "F4", "F6"].includes(event.key)) {
      if (!event.altKey && press(`[data-key="${event.key}"]`)) event.preventDefault(); // where there is none, the browser's own
    } else if (event.key === "F2" || event.key === "F8") {
      event.preventDefault();
      if (!press(`#main [data-key="${event.key}"]`) && !press(`[data-key="${event.key}"]`) && event.key === "F2") focusBox();
    } else if (event.key === "/" && event.target === box() && !box().value) event.preventDefault();
    else if (fast || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    else if ("/ظ".includes(event.key)) {
      event.preventDefault();
      focusBox();
    } else if ("?؟".includes(event.key)) $("#keys") && $("#keys").showModal();
    else if (digit) choose(digit[1]);
  }

  function onEscape(event) {
    if ($("dialog[open]")) return;
    if (event.target === box() && box().value) {
      box().value = "";
      event.preventDefault();
    } else if (event.target.dataset && event.target.dataset.back) $(event.target.dataset.back).focus();
    else press('#main [data-key="Escape"]');
  }

  function focusBox() {
    if (!box()) return;
    box().focus();
    box().select();
  }

  function choose(digit) {
    const radio = $(`[data-digit="${digit}"]`);
    if (!radio) return;
    // Wait until it is clear that a person pressed one key, not a scanner the first of many.
    const before = lastKey;
    setTimeout(() => {
      if (lastKey !== before) return;
      radio.checked = true;
      radio.focus();
      radio.dispatchEvent(new Event("input", { bubbles: true }));
    }, FAST + 20);
  }

  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const focus = event.target.closest("[data-focus]");
    if (focus) focusBox();
    if (event.target.closest("[data-print]")) window.print();
  });
  const shown = () => {
    shownAt = performance.now();
  };
  document.addEventListener("DOMContentLoaded", shown);
  document.addEventListener("htmx:afterSwap", (event) => event.detail.elt && event.detail.elt.id === "part" && shown());
  window.addEventListener("pageshow", shown);
})();
