// On a narrow screen one panel at a time, with tabs that show what was not seen; on a wide one all side by side.

import { element, fill } from "./dom.js";
import { t } from "./words.js";

export class Tabs {
  /** `views`: [{element, title(), unread(), look()}] in order. */
  constructor(list, views) {
    this.list = list;
    this.views = views;
    this.chosen = views[0];
    this.narrow = matchMedia("(max-width: 999px)");
    this.narrow.addEventListener("change", () => this.arrange());
    this.buttons = views.map((view) => this.tab(view));
    fill(list, this.buttons);
    list.addEventListener("keydown", (event) => this.key(event));
    this.arrange();
  }

  tab(view) {
    const id = `tab-${view.element.id}`;
    const attributes = { type: "button", role: "tab", id, "aria-controls": view.element.id, onclick: () => this.choose(view) };
    return element("button", attributes, element("span", { class: "tab-title" }), element("span", { class: "badge" }));
  }

  isSeen(viewElement) {
    return !this.narrow.matches || this.chosen.element === viewElement;
  }

  choose(view) {
    this.chosen = view;
    this.arrange();
    view.look();
  }

  arrange() {
    this.list.hidden = !this.narrow.matches;
    this.views.forEach((view, n) => {
      const shown = this.isSeen(view.element);
      view.element.hidden = !shown;
      if (this.narrow.matches) view.element.setAttribute("role", "tabpanel");
      else view.element.removeAttribute("role");
      const chosen = view === this.chosen;
      this.buttons[n].setAttribute("aria-selected", String(chosen));
      this.buttons[n].tabIndex = chosen ? 0 : -1;
    });
    this.label();
  }

  label() {
    this.views.forEach((view, n) => {
      const [title, badge] = this.buttons[n].children;
      const number = view.unread();
      title.textContent = view.title();
      badge.textContent = number || "";
      this.buttons[n].setAttribute("aria-label", number ? t("panel.tab_unread", { title: view.title(), number }) : view.title());
    });
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (this.views.indexOf(this.chosen) + step + this.views.length) % this.views.length;
    this.choose(this.views[next]);
    this.buttons[next].focus();
  }
}
