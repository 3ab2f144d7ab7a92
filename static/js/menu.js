// The categories menu. Its link leads to the page of categories; where popovers are known, it opens them in place.

const link = document.querySelector("[data-menu-link]");
const menu = document.getElementById("categories-menu");

function follow() {
  window.location.assign(link.href);
}

function isOpen() {
  return menu.matches(":popover-open");
}

async function load() {
  try {
    await window.htmx.ajax("GET", link.dataset.menuLink, { target: menu, swap: "innerHTML" });
  } catch {
    // Offline, for instance; the link will say so better than a menu that does not open.
  }
}

async function show() {
  if (menu.childElementCount === 0) {
    await load();
  }
  if (menu.childElementCount === 0) {
    follow();
  } else {
    menu.showPopover();
  }
}

// A press outside the menu closes it before the click arrives, and the link is outside: what counts is how it was at the press.
let wasOpen = false;

function toggle(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) {
    return;
  }
  event.preventDefault();
  const isByPointer = event.detail > 0;
  if (isByPointer ? wasOpen : isOpen()) {
    menu.hidePopover();
  } else {
    show();
  }
}

if (link && menu && "popover" in HTMLElement.prototype && window.htmx) {
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  link.setAttribute("aria-controls", menu.id);
  link.addEventListener("pointerdown", () => {
    wasOpen = isOpen();
  });
  link.addEventListener("click", toggle);
  link.addEventListener("keydown", (event) => event.key === " " && toggle(event));
  menu.addEventListener("toggle", (event) => {
    link.setAttribute("aria-expanded", String(event.newState === "open"));
  });
}
