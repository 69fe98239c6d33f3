"use strict";

// A request without any response shows a notice. Refusals and errors bring their own.
document.addEventListener("htmx:sendError", () => {
  const place = dialog.open ? dialog.querySelector(".content") : byId("messages");
  place.prepend(byId("failure").content.cloneNode(true));
});
