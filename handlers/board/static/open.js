// Those who wait: a card each, with what may be done about it. A card stays the same element while its case is open, so
// that a finger or the keyboard's focus on it is not disturbed by news.

import { act } from "./api.js";
import { byId, element, fill, whole } from "./dom.js";

const UNDO_MS = 10000;
const TOLD_MS = 5000;

export class Open {
  /** `onChange()`: something was done, the board is to be read again. */
  constructor(words, onChange) {
    this.words = words;
    this.onChange = onChange;
    this.cards = new Map();
  }

  show({ cases, more }) {
    const list = byId("cases");
    const gone = new Set(this.cards.keys());
    cases.forEach((one, n) => {
      gone.delete(one.id);
      const card = this.cards.get(one.id) ?? element("li", { class: "card", "data-case": one.id });
      this.cards.set(one.id, card);
      this.draw(card, one);
      if (list.children[n] !== card) list.insertBefore(card, list.children[n] ?? null);
    });
    for (const id of gone) {
      this.cards.get(id).remove();
      this.cards.delete(id);
    }
    byId("more").textContent = more;
  }

  draw(card, one) {
    const drawn = JSON.stringify({ ...one, about: "" });
    if (card.dataset.drawn === drawn) {
      card.querySelector(".about").textContent = one.about;
      return;
    }
    const focused = card.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    card.dataset.drawn = drawn;
    fill(
      card,
      element("h2", {}, element("span", { "aria-hidden": "true" }, one.icon), " ", whole(one.client)),
      element("p", { class: "about quiet" }, one.about),
      one.owner.map((line) => element("p", { class: "owner" }, line)),
      element("div", { class: "keys" }, one.acts.map((what) => this.key(one, what))),
    );
    if (focused) (card.querySelector(`[data-act="${focused}"]`) ?? card.querySelector("button"))?.focus();
  }

  key(one, what) {
    const look = { call: "key main", block: "key bad" }[what] ?? "key";
    const label = `${this.words[what]}: ${one.client}`;
    const wish = { handled: () => this.reasons(one), block: () => this.sure(one) }[what] ?? (() => this.do(one.id, what));
    return element("button", { type: "button", class: look, "data-act": what, "aria-label": label, onclick: wish }, this.words[what]);
  }

  reasons(one) {
    const answers = this.words.reasons.map(([reason, name]) => [name, () => this.do(one.id, "handled", { reason })]);
    this.ask(`${this.words.handled} · ${one.client}`, answers);
  }

  sure(one) {
    const question = this.words.sure.replace("{number}", one.number);
    this.ask(one.client, [[question, () => this.do(one.id, "block"), "key bad"]]);
  }

  ask(question, answers) {
    const box = byId("box");
    const key = ([name, wish, look = "key"]) =>
      element("button", { type: "button", class: look, onclick: () => (box.close(), wish()) }, name);
    byId("question").textContent = question;
    fill(byId("answers"), answers.map(key), key([this.words.back, () => {}, "key plain"]));
    box.showModal();
  }

  async do(caseId, what, body) {
    const keys = this.cards.get(caseId)?.querySelectorAll("button") ?? [];
    for (const key of keys) key.disabled = true;
    try {
      this.tell(await act(caseId, what, body));
    } catch (error) {
      this.tell({ told: error.status ? error.message : this.words.failed, fine: false });
    }
    for (const key of keys) key.disabled = false;
    this.onChange();
  }

  tell({ told, fine, undo }) {
    const box = byId("told");
    box.className = fine ? "told" : "told bad";
    const key = element("button", { type: "button", class: "key", onclick: () => this.do(undo, "unblock") }, this.words.undo);
    fill(box, element("span", {}, told), ...(undo ? [key] : []));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => fill(box), undo ? UNDO_MS : TOLD_MS);
  }
}
