// A slide that is full gives up, one after the other, until it is full no longer: room
// between its parts; height of its picture; the code of its pictures and tables, which
// then opens with a click; at last, what is too much moves to a slide of its own.
const isFull = (slide) => slide.scrollHeight > slide.clientHeight;
const HEADING = "h1, h2, h3, h4";
const isHeading = (cell) =>
  cell.querySelector(HEADING)?.textContent.trim() === cell.textContent.trim();

function fit(slide) {
  const codes = slide.querySelectorAll(".jp-CodeCell:has(img, table) details[open]");
  const fold = () => codes.forEach((code) => {
    code.open = false;
    code.classList.add("folded");
  });
  const tighten = () => slide.classList.add("tight");
  const shrink = () => slide.style.setProperty("--plot", "300px");
  for (const give of [tighten, shrink, fold, split]) {
    if (!isFull(slide)) break;
    give(slide);
  }
  // The room that is left goes to the picture.
  for (let height = 440; height > 180 && slide.querySelector("img"); height -= 20) {
    slide.style.setProperty("--plot", `${height}px`);
    if (!isFull(slide)) return;
    slide.style.removeProperty("--plot");
  }
}

// Move the last parts of a slide, with its heading above them, to a new slide behind it.
function split(slide) {
  const more = slide.cloneNode(false);
  more.className = "";
  slide.after(more);
  // A sentence alone makes no slide: what stands above it comes with it.
  const isPoor = () => more.lastElementChild.offsetTop + more.lastElementChild.offsetHeight < 130;
  while (isFull(slide) || isPoor()) {
    const last = takeLast(slide);
    if (!last) break;
    more.prepend(last);
  }
  if (!more.children.length) {
    more.remove();
    return;
  }
  // What a slide begins with is there at once.
  more.firstElementChild.classList.remove("fragment");
  const heading = slide.querySelector(HEADING).cloneNode(true);
  heading.removeAttribute("id");
  more.prepend(heading);
  slide.querySelectorAll("aside").forEach((note) => more.append(note.cloneNode(true)));
  fit(more);
}

// Take away the last part of a box: a cell; where there is one only, its result or its
// last paragraph. The heading stays, and something below it.
function takeLast(box) {
  const parts = [...box.children].filter((part) => !part.matches("aside, .jp-Collapser"));
  const last = parts.pop();
  const before = parts.filter((part) => !part.matches(HEADING) && !isHeading(part));
  if (!last || last.matches(HEADING)) return null;
  if (before.length) {
    last.remove();
    return last;
  }
  const inner = last.matches("div:not(.highlight)") && takeLast(last);
  if (!inner) return null;
  const shell = last.cloneNode(false);
  shell.append(inner);
  return shell;
}

// Small screens get a page to scroll, but neither the speaker's window nor paper does.
const isReading = window === window.top && !location.search.includes("print-pdf")
  && window.matchMedia("(max-width: 700px), (max-height: 450px)").matches;

window.addEventListener("load", () => {
  if (isReading) {
    document.body.classList.add("reading");
    return;
  }
  document.body.classList.add("measuring"); // reveal.js hides all slides but one
  document.querySelectorAll(".slides > section > section").forEach(fit);
  document.body.classList.remove("measuring");
  Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    hash: true,
    navigationMode: "linear", // every arrow reaches the next slide, also one below
    progress: false,
    slideNumber: "c/t",
    transition: "none",
    scrollActivationWidth: null, // see isReading
    pdfSeparateFragments: false,
    totalTime: 60 * minutes, // the pace in the speaker's window
    plugins: [RevealNotes],
  });
});
