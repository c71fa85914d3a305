// Puts the board together and keeps it live: news every few seconds while somebody looks.

import { ask, news, picture, Refused } from "./api.js";
import { byId, element, fill, Tabs, whole } from "./dom.js";
import { Open } from "./open.js";
import { begin } from "./telegram.js";

const EVERY_MS = 4000;
const DAY_EVERY_MS = 60000;
let words = null;
let open = null;
let tabs = null;
let dayAt = 0;
let timer = 0;
let drawnPicture = null;

function refuse(text) {
  clearTimeout(timer);
  byId("page").hidden = true;
  byId("refusal").hidden = false;
  byId("refusal").textContent = text;
}

const lines = (title, about) => [element("h2", {}, whole(title)), about ? element("p", { class: "about quiet" }, about) : ""];
const row = (...children) => element("li", { class: "card" }, ...children);
const nothing = (text) => element("li", { class: "quiet" }, text);

function show(board) {
  byId("headline").textContent = board.headline;
  open.show(board);
  const rated = board.ratings.map((one) => row(lines(one.client, one.about), element("p", { class: "stars" }, one.stars)));
  fill(byId("rated"), rated.length ? rated : nothing(words.no_ratings));
  const people = board.people.map((one) =>
    row(lines(one.name, one.telegram), one.state ? element("p", { class: "owner" }, `${one.icon} ${one.state}`) : ""),
  );
  fill(byId("team"), people.length ? people : nothing(words.no_people));
}

async function showDay() {
  dayAt = Date.now();
  const day = await ask("today");
  fill(byId("tiles"), day.tiles.map(([name, number]) => element("div", {}, element("dt", { class: "quiet" }, name), element("dd", {}, number))));
  const image = byId("picture");
  const drawn = day.picture ? await picture() : null;
  image.hidden = !drawn;
  if (!drawn) return;
  const before = drawnPicture;
  drawnPicture = URL.createObjectURL(drawn);
  image.src = drawnPicture;
  image.alt = [day.picture, ...day.tiles.map(([name, number]) => `${name}: ${number}`)].join("; ");
  if (before) URL.revokeObjectURL(before);
}

/** The calls with whom the field names, the latest of all while it is empty. */
async function search() {
  try {
    const found = await ask(`search?q=${encodeURIComponent(byId("asked").value)}`);
    byId("none").textContent = found.none;
    fill(byId("calls"), found.calls.map((one) => row(lines(`${one.icon} ${one.client}`, `${one.when} · ${one.about}`))));
  } catch (error) {
    byId("none").textContent = error instanceof Refused ? error.message : words.failed;
  }
}

/** Once now, and again a few seconds later; a page that nobody looks at asks nothing. */
async function live() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    const board = await news();
    if (board) show(board);
    if (tabs.shown === "today" && Date.now() - dayAt > DAY_EVERY_MS) await showDay();
    byId("lost").hidden = true;
  } catch (error) {
    if (error.status === 401 || error.status === 403) {
      refuse(error.message);
      return;
    }
    byId("lost").hidden = false;
  }
  clearTimeout(timer);
  timer = setTimeout(live, EVERY_MS);
}

function label() {
  document.documentElement.lang = words.language;
  document.title = words.title;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = words[one.dataset.word];
  byId("asked").placeholder = words.search;
  byId("lost").textContent = words.not_live;
}

async function main() {
  begin();
  try {
    const [said, board] = await Promise.all([ask("page"), news()]);
    words = said;
    label();
    open = new Open(words, live);
    show(board);
    byId("page").hidden = false;
    tabs = new Tabs(byId("tabs"), ["open", "today", "history", "ratings", "people"], words, (name) => {
      if (name === "today") showDay().catch(() => (byId("lost").hidden = false));
      if (name === "history" && !byId("asked").value) search();
    });
  } catch (error) {
    refuse(error instanceof Refused ? error.message : "Ringdesk does not answer. Close this and try again.");
    return;
  }
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  document.addEventListener("visibilitychange", live);
  timer = setTimeout(live, EVERY_MS);
}

main();
