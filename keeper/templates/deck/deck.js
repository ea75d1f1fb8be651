// The first of these looks that fits is taken: less and less large, then without
// the code of pictures and tables. deck.css gives the sizes of a step.
const LOOKS = [
  { step: 0 }, { step: 1 }, { step: 2 },
  { step: 0, folded: true }, { step: 1, folded: true }, { step: 2, folded: true },
  { step: 3, folded: true }, { step: 4, folded: true }, { step: 5, folded: true },
];

const isFull = (slide) => slide.scrollHeight > slide.clientHeight;

function fit(slide) {
  const codes = slide.querySelectorAll(".jp-CodeCell:has(img, table) details[open]");
  for (const { step, folded } of LOOKS) {
    slide.dataset.step = step;
    for (const code of codes) {
      code.open = !folded;
      code.classList.toggle("folded", Boolean(folded));
    }
    if (!isFull(slide)) break;
  }
  // The room that is left goes to the picture.
  for (let height = 440; height > 180 && slide.querySelector("img"); height -= 20) {
    slide.style.setProperty("--plot", `${height}px`);
    if (!isFull(slide)) return;
    slide.style.removeProperty("--plot");
  }
}

window.addEventListener("load", () => {
  document.body.classList.add("measuring"); // reveal.js hides all slides but one
  document.querySelectorAll(".slides > section > section").forEach(fit);
  document.body.classList.remove("measuring");
  Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    hash: true,
    progress: false,
    slideNumber: "c/t",
    transition: "none",
    totalTime: 60 * minutes, // the pace in the speaker's window
    plugins: [RevealNotes],
  });
});
