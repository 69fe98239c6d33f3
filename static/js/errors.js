"use strict";

// An error never breaks the page. What refreshes itself stays as it is and retries later. Any other
// answer is shown where the person is: in the dialog, in the form or in the message area.
const isRefresh = (elt) => elt.matches("[hx-target='this']:not(form)");
let retryDelay = 2000;
let retryAt = 0;

// A single notice, so that screen readers hear it once. It names somebody else who signed in.
function showStale({ elt, triggeringEvent }, answer) {
  if (Date.now() >= retryAt) {
    retryDelay = Math.min(retryDelay * 2, 60_000);
    retryAt = Date.now() + retryDelay;
  }
  const event = triggeringEvent?.type;
  if (event) setTimeout(() => htmx.trigger(elt, event), retryAt - Date.now());
  const template = answer?.querySelector("#account-changed") ?? byId("stale");
  if (!byId("stale-notice")) byId("messages").append(template.content.cloneNode(true));
}

// Replaces the notice before it. The text is the server's, if it sent one.
function showFailure({ elt, verb }, answer) {
  document.querySelector(".failure")?.remove();
  const notice = byId("failure").content.firstElementChild.cloneNode(true);
  const text = notice.querySelector("p");
  if (verb === "get" || !elt.matches("form")) text.textContent = text.dataset.get;
  text.replaceWith(answer?.querySelector(".notice p") ?? text);
  const sheet = dialog.open ? dialog : document.querySelector("main .sheet");
  (sheet?.querySelector(".content") ?? byId("messages")).prepend(notice);
  if (!document.activeElement.matches("input, textarea, select")) notice.focus();
}

const show = (config, answer) => (isRefresh(config.elt) ? showStale : showFailure)(config, answer);
document.addEventListener("htmx:sendError", ({ detail }) => show(detail.requestConfig));

// htmx would log failed and aborted requests as errors.
document.addEventListener("htmx:beforeSend", ({ detail }) => Object.assign(detail, { error: "" }));

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr, xhr: { status }, requestConfig, target, swapOverride } = detail;
  const isBehind = isRefresh(requestConfig.elt);
  if (status < 400) {
    retryDelay = 2000;
    retryAt = 0;
    byId("stale-notice")?.remove();
  }
  // The form with its errors. A proxy, or we if there are too many requests, send other things.
  const hasForm = swapOverride !== "none" && xhr.getResponseHeader("x-bce-request-id");
  const isForm = detail.shouldSwap && !isBehind && hasForm;
  if (!isBehind && (status < 400 || isForm)) document.querySelector(".failure")?.remove();
  if (status < 400 || isForm) return;

  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const isFinal = status === 404 || (!isBehind && [403, 409].includes(status));
  const isOpening = target === dialog && !dialog.open;
  detail.shouldSwap = answer.querySelector(".sheet") && (isFinal || isOpening);
  if (!detail.shouldSwap) {
    show(requestConfig, answer);
    // A form that is older than the last sign-in can be sent again with the token of the answer.
    const token = "[name='csrfmiddlewaretoken']";
    const fresh = answer.querySelector(token)?.value;
    for (const field of document.querySelectorAll(token)) field.value = fresh ?? field.value;
  } else if (isBehind) {
    detail.serverResponse = xhr.responseText.replace(' id="dialog-title"', "");
  } else {
    detail.target = dialog;
    detail.swapOverride = "innerHTML";
  }
});
