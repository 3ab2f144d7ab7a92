// The pages of the catalog are the same for every visitor, so the number in the header comes from a cookie.

function readCount() {
  const match = document.cookie.match(/(?:^|;\s*)cart_count=(\d+)/);
  return match ? Number(match[1]) : 0;
}

function showCount() {
  const count = readCount();
  for (const badge of document.querySelectorAll("[data-cart-count]")) {
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? "99+" : String(count);
  }
  for (const link of document.querySelectorAll("[data-cart-link]")) {
    const items = count === 1 ? "1 item" : `${count} items`;
    link.setAttribute("aria-label", count === 0 ? "Cart, empty" : `Cart, ${items}`);
  }
}

showCount();
document.addEventListener("htmx:afterRequest", showCount);
// Another tab may have changed the cart; a page from the back-forward cache is an old one.
window.addEventListener("pageshow", showCount);
document.addEventListener("visibilitychange", showCount);
