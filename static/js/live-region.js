// Messages that come with a part of a page: htmx puts them into #live-region out of band. A screen reader speaks them
// because the region was there before; this script shows them for a while and says what no server could: no connection.

const LIFETIME = 7000;
const region = document.getElementById("live-region");

function announce(text) {
  const toast = document.createElement("p");
  toast.className = "toast";
  toast.textContent = text;
  region.replaceChildren(toast);
}

// Everything outside an open modal dialog is inert, and an inert region is silent: it moves into the topmost dialog.
function moveRegion() {
  const dialogs = document.querySelectorAll("dialog:modal");
  const home = dialogs[dialogs.length - 1] ?? document.body;
  if (region.parentElement !== home) {
    home.append(region);
  }
}

let timer;
new MutationObserver(() => {
  clearTimeout(timer);
  if (region.childElementCount > 0) {
    timer = setTimeout(() => region.replaceChildren(), LIFETIME);
  }
}).observe(region, { childList: true });

new MutationObserver(moveRegion).observe(document.body, { attributeFilter: ["open"], subtree: true });

document.addEventListener("htmx:sendError", () => {
  announce("You seem to be offline. Nothing was changed; please try again.");
});

document.addEventListener("htmx:timeout", () => {
  announce("That took too long. Nothing may have changed; please look before you try again.");
});

document.addEventListener("htmx:responseError", (event) => {
  const isBusy = event.detail.xhr.status === 429;
  announce(isBusy ? "That was a lot at once. Please wait a while before you try again." : "That did not work. Please try again.");
});
