// On a narrow screen one panel at a time, with tabs that show what was not seen. On a wide one those that stand fast are
// always there, and tabs change what is in the one phone beside them.

import { element, fill } from "./dom.js";
import { t } from "./words.js";

export class Tabs {
  /** `views`: [{element, title(), unread(), look(), fast}] in order; the first is shown at first, `fast` or not. */
  constructor(list, views) {
    this.list = list;
    this.views = views;
    this.chosen = views[0];
    this.inHand = views.find((view) => !view.fast);
    this.narrow = matchMedia("(max-width: 1099px)");
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
    if (this.narrow.matches) return this.chosen.element === viewElement;
    return this.inHand.element === viewElement || this.views.some((view) => view.fast && view.element === viewElement);
  }

  choose(view) {
    this.chosen = view;
    if (!view.fast) this.inHand = view;
    this.arrange();
    view.look();
  }

  /** Show where something happens, unless somebody is writing in what would be put away. */
  follow(panel) {
    if (this.isSeen(panel)) return;
    const shown = (this.narrow.matches ? this.chosen : this.inHand).element;
    const writes = shown.contains(document.activeElement) && document.activeElement.value;
    if (!writes) this.choose(this.views.find((view) => view.element === panel));
  }

  arrange() {
    const narrow = this.narrow.matches;
    this.views.forEach((view, n) => {
      view.element.hidden = !this.isSeen(view.element);
      view.element.classList.toggle("in-hand", !narrow && !view.fast);
      const isTab = narrow || !view.fast;
      this.buttons[n].hidden = !isTab;
      if (isTab) view.element.setAttribute("role", "tabpanel");
      else view.element.removeAttribute("role");
      const chosen = view === (narrow ? this.chosen : this.inHand);
      this.buttons[n].setAttribute("aria-selected", String(chosen));
      this.buttons[n].tabIndex = chosen ? 0 : -1;
      if (chosen && narrow) this.buttons[n].scrollIntoView({ block: "nearest", inline: "center" });
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
    const offered = this.views.filter((view) => this.narrow.matches || !view.fast);
    const at = offered.indexOf(this.narrow.matches ? this.chosen : this.inHand);
    const next = offered[(at + step + offered.length) % offered.length];
    this.choose(next);
    this.buttons[this.views.indexOf(next)].focus();
  }
}
