// Elements out of names, attributes and children, and tabs made of them. Text is only ever put in as text. (One file, so
// that all there is comes by the six connections that a browser opens at once.)

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

const NUMBERS = /(\+\d[\d ()-]{7,18}\d)/;

/** Text whose phone numbers are not torn at the end of a line. */
export const whole = (text) => text.split(NUMBERS).map((part, n) => (n % 2 ? element("span", { class: "number" }, part) : part));

export const byId = (id) => document.getElementById(id);

export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat());
}

/** The parts of the board, one at a time, by touch, mouse and arrow keys. */
export class Tabs {
  /** `onShown(name)` is told which part is looked at. */
  constructor(list, names, words, onShown) {
    this.names = names;
    this.onShown = onShown;
    this.keys = names.map((name) =>
      element("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": name, onclick: () => this.show(name) }, words[name]),
    );
    list.setAttribute("aria-label", words.sections);
    fill(list, this.keys);
    list.addEventListener("keydown", (event) => this.key(event));
    for (const name of names) byId(name).setAttribute("aria-labelledby", `tab-${name}`);
    this.show(names[0]);
  }

  show(shown) {
    this.shown = shown;
    this.names.forEach((name, n) => {
      byId(name).hidden = name !== shown;
      this.keys[n].setAttribute("aria-selected", String(name === shown));
      this.keys[n].tabIndex = name === shown ? 0 : -1;
    });
    this.onShown(shown);
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (this.names.indexOf(this.shown) + step + this.names.length) % this.names.length;
    this.show(this.names[next]);
    this.keys[next].focus();
  }
}
