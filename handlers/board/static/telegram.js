// What Telegram's client hands over in the address, and the few words we say to it. Its own script is not loaded: no
// third party is asked for anything, and nobody else's program reads our clients' numbers (docs/decisions/0007).

const handed = new URLSearchParams(location.hash.slice(1));
const KEPT = "opened";

/** What Telegram signed; kept for a reload, which some clients do without the address's end. */
export const initData = handed.get("tgWebAppData") ?? sessionStorage.getItem(KEPT) ?? "";
if (initData) sessionStorage.setItem(KEPT, initData);

/** Telegram's colours by the names that our style sheet has for them. */
const COLOURS = {
  bg_color: "--surface",
  secondary_bg_color: "--page",
  section_bg_color: "--surface",
  text_color: "--ink",
  hint_color: "--quiet",
  subtitle_text_color: "--quiet",
  link_color: "--accent",
  accent_text_color: "--accent",
  button_color: "--button",
  button_text_color: "--on-button",
  destructive_text_color: "--bad",
};
const COLOUR = /^#[0-9a-f]{6}$/i;

/** What letters of a colour are read on: the client's own greys and blues are often too faint for that. */
const GROUNDS = {
  hint_color: ["bg_color", "secondary_bg_color"],
  subtitle_text_color: ["bg_color", "secondary_bg_color"],
  link_color: ["bg_color", "secondary_bg_color"],
  accent_text_color: ["bg_color", "secondary_bg_color"],
  destructive_text_color: ["bg_color"],
  button_color: ["button_text_color"],
};
const LEGIBLE = 4.5;
const STEPS = 10;

const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** As WCAG has it, 0 for black and 1 for white. */
function luminance(colour) {
  const [red, green, blue] = parts(colour).map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [less, more] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (more + 0.05) / (less + 0.05);
}

/** The colour, moved towards black or white as far as it takes to be told from all of these. */
function legible(colour, grounds) {
  const end = grounds.every((one) => luminance(one) > 0.18) ? 0 : 255;
  const moved = (step) => `#${parts(colour).map((one) => Math.round(one + ((end - one) * step) / STEPS).toString(16).padStart(2, "0")).join("")}`;
  const tried = Array.from({ length: STEPS + 1 }, (_, step) => moved(step));
  return tried.find((one) => grounds.every((ground) => contrast(one, ground) >= LEGIBLE)) ?? tried[STEPS];
}

/** Wear the client's colours; what it does not name stays as the system's light or dark has it. */
export function wear(theme) {
  const style = document.documentElement.style;
  const isNamed = (name) => COLOUR.test(theme[name] ?? "");
  for (const [name, variable] of Object.entries(COLOURS)) {
    if (!isNamed(name)) continue;
    const grounds = (GROUNDS[name] ?? []).filter(isNamed).map((one) => theme[one]);
    style.setProperty(variable, legible(theme[name], grounds));
  }
  if (isNamed("bg_color")) document.documentElement.dataset.theme = luminance(theme.bg_color) < 0.18 ? "dark" : "light";
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** On a phone through the client's bridge, in a browser to the page that frames us. */
export function tell(type, data = {}) {
  if (window.TelegramWebviewProxy) window.TelegramWebviewProxy.postEvent(type, JSON.stringify(data));
  else if (window.external && "notify" in window.external) window.external.notify(JSON.stringify({ eventType: type, eventData: data }));
  else if (parent !== window) parent.postMessage(JSON.stringify({ eventType: type, eventData: data }), "https://web.telegram.org");
}

function hear(type, data) {
  if (type === "theme_changed") wear(data?.theme_params ?? {});
}

export function begin() {
  wear(parsed(handed.get("tgWebAppThemeParams")));
  const hears = { receiveEvent: hear };
  window.Telegram = { WebView: hears };
  window.TelegramGameProxy = hears;
  window.TelegramGameProxy_receiveEvent = hear;
  addEventListener("message", ({ data, origin }) => {
    if (origin !== "https://web.telegram.org" || typeof data !== "string") return;
    const said = parsed(data);
    hear(said.eventType, said.eventData);
  });
  tell("web_app_ready");
  tell("web_app_expand");
}
