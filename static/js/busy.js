// A form that is on its way is not sent twice. The server would not mind; the shopper should not wonder.

// Whoever stopped the page, or lost the connection, can send again after this.
const PATIENCE = 10000;

function setBusy(form, isBusy) {
  form.toggleAttribute("data-busy", isBusy);
  for (const button of form.querySelectorAll("[type=submit], button:not([type])")) {
    button.toggleAttribute("data-busy", isBusy);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  // The attribute: a field named "method" hides the property.
  if (form.getAttribute("method") !== "post" || event.defaultPrevented) {
    return;
  }
  if (form.hasAttribute("data-busy")) {
    event.preventDefault();
    return;
  }
  setBusy(form, true);
  setTimeout(setBusy, PATIENCE, form, false);
});

// A page from the back-forward cache would still be busy.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-busy]").forEach((form) => setBusy(form, false));
});
