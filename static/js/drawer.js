// Dialogs at the edge of the window. A native <dialog> brings Escape, the focus trap and the return of focus;
// what is added: opening, closing by a button or by a click on the backdrop, and the cart that htmx loads into its drawer.

const cartBody = document.getElementById("cart-drawer");
const cartDrawer = cartBody?.closest("dialog");

function open(dialog) {
  if (!dialog.open) {
    dialog.showModal();
  }
}

// On the cart's own page the region is there already, and a second one would double its ids.
function showsCart() {
  return document.querySelector("main #cart-region") !== null;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  const dialog = opener && document.getElementById(opener.dataset.dialogOpen);
  if (dialog) {
    event.preventDefault();
    open(dialog);
  } else if (event.target.closest("[data-dialog-close]") || event.target instanceof HTMLDialogElement) {
    event.target.closest("dialog").close();
  }
});

// A click that asks for a new tab is the browser's; htmx would take it.
document.addEventListener("click", (event) => {
  if ((event.ctrlKey || event.metaKey || event.shiftKey) && event.target.closest("a[data-cart-link]")) {
    event.stopImmediatePropagation();
  }
}, { capture: true });

document.addEventListener("htmx:confirm", (event) => {
  const link = event.target.closest("a[data-cart-link]");
  if (link && showsCart()) {
    event.preventDefault();
    window.scrollTo(0, 0);
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("a[data-cart-link]")) {
    cartBody.setAttribute("aria-busy", "true");
    open(cartDrawer);
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches("a[data-cart-link]")) {
    cartBody.removeAttribute("aria-busy");
    if (event.detail.failed) {
      window.location.assign(event.target.href);
    } else if (!event.detail.successful && cartBody.childElementCount === 0) {
      // No connection, as the live region says, and nothing from before to show.
      cartDrawer.close();
    }
  }
});

// An answer that was put into the drawer, by whichever form, is there to be seen.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === cartBody) {
    open(cartDrawer);
  }
});
