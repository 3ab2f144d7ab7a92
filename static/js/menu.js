// The categories menu. Its link leads to the page of categories; where popovers are known, it opens them in place.

const link = document.querySelector("[data-menu-link]");
const menu = document.getElementById("categories-menu");

function follow() {
  window.location.assign(link.href);
}

async function toggle(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  if (menu.childElementCount > 0) {
    menu.togglePopover();
    return;
  }
  try {
    await window.htmx.ajax("GET", link.href, { target: menu, swap: "innerHTML" });
  } catch {
    follow();
    return;
  }
  if (menu.childElementCount > 0) {
    menu.showPopover();
  } else {
    follow();
  }
}

if (link && menu && "popover" in HTMLElement.prototype && window.htmx) {
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  link.setAttribute("aria-controls", menu.id);
  link.addEventListener("click", toggle);
  link.addEventListener("keydown", (event) => event.key === " " && toggle(event));
  menu.addEventListener("toggle", (event) => {
    link.setAttribute("aria-expanded", String(event.newState === "open"));
  });
}
