// The next page of a listing, put in place by htmx: the link that had the focus is gone, so the list itself takes it.

document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body) {
    document.getElementById("product-listing")?.focus({ preventScroll: true });
  }
});
