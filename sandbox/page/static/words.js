// Every word of the page in three languages; texts of scenes come with the scenes, texts of chats from the bot.

export const LANGUAGES = ["en", "ru", "uk"];
let catalogue = {};
let code = {};
let language = "en";
let timezone = "UTC";

export async function loadWords() {
  const read = async (name) => (await fetch(`/static/${name}.json`)).json();
  [catalogue, code] = await Promise.all([read("words"), read("code")]);
}

/** The files and functions behind a line of the trace: the key's own, else those of all like it. */
export const placesOf = (key) => code[key] ?? code[key.split(".")[0]] ?? [];

export function speak(chosen) {
  language = LANGUAGES.includes(chosen) ? chosen : "en";
  document.documentElement.lang = language;
}

export function keepTime(zone) {
  timezone = zone;
}

/** The words of a key, `{name}` filled in. An unknown key shows itself: a test looks for such. */
export function t(key, values = {}) {
  const words = catalogue[key]?.[language] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** One of {en, ru, uk}. */
export const chosen = (words) => words[language] ?? words.en;

const inZone = (moment, options) =>
  new Intl.DateTimeFormat(language, { timeZone: timezone, ...options }).format(new Date(moment));

export const clock = (moment) => inZone(moment, { hour: "2-digit", minute: "2-digit", hour12: false });
export const exactClock = (moment) =>
  inZone(moment, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
export const day = (moment) => inZone(moment, { day: "numeric", month: "long" });

export const moment = (at) => inZone(at, { weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false });

export function size(bytes) {
  const [unit, amount] = bytes < 1e6 ? ["kilobyte", bytes / 1e3] : ["megabyte", bytes / 1e6];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 }).format(amount);
}

/** Puts words into everything that names its key in the markup. */
export function label(root) {
  for (const one of root.querySelectorAll("[data-word]")) one.textContent = t(one.dataset.word);
  for (const one of root.querySelectorAll("[data-label]")) one.setAttribute("aria-label", t(one.dataset.label));
}
