// Thumbnails are links to the large image; with a script they change the picture in place.

function show(thumbnail) {
  const gallery = thumbnail.closest("[data-gallery]");
  const main = gallery.querySelector("[data-gallery-main]");
  const image = thumbnail.querySelector("img");
  main.srcset = thumbnail.dataset.srcset ?? "";
  main.src = thumbnail.href;
  main.alt = image.dataset.alt ?? image.alt;
  for (const other of gallery.querySelectorAll("[data-gallery-thumb]")) {
    other.toggleAttribute("aria-current", false);
  }
  thumbnail.setAttribute("aria-current", "true");
}

document.addEventListener("click", (event) => {
  const thumbnail = event.target.closest("[data-gallery-thumb]");
  if (thumbnail && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(thumbnail);
  }
});
