// The parts of the board, one at a time: tabs by touch, mouse and arrow keys.

import { byId, element, fill } from "./dom.js";

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
