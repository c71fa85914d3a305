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

function brightness(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Wear the client's colours; what it does not name stays as the system's light or dark has it. */
export function wear(theme) {
  const style = document.documentElement.style;
  for (const [name, variable] of Object.entries(COLOURS)) {
    if (COLOUR.test(theme[name] ?? "")) style.setProperty(variable, theme[name]);
  }
  if (COLOUR.test(theme.bg_color ?? "")) document.documentElement.dataset.theme = brightness(theme.bg_color) < 128 ? "dark" : "light";
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
