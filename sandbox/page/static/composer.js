// Where a person writes: the input with its command hints, the message replied to, and the bot's reply keyboard.

import { element, fill } from "./dom.js";
import { t } from "./words.js";

let made = 0;

export class Composer {
  /** `acts`: {say(text, replyTo), share()}; `menu()` gives the commands offered here now. */
  constructor(title, menu, acts) {
    this.title = title;
    this.menu = menu;
    this.acts = acts;
    this.replyTo = null;
    this.active = -1;
    this.hintsId = `hints-${(made += 1)}`;
    this.input = element("textarea", {
      rows: 1,
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.hintsId,
      enterkeyhint: "send",
      maxlength: 4096,
    });
    this.hints = element("ul", { id: this.hintsId, class: "hints", role: "listbox", hidden: true });
    this.quoted = element("div", { class: "replying", hidden: true });
    this.keyboard = element("div", { class: "keyboard", role: "group", hidden: true });
    this.opener = element("button", { type: "button", class: "slash", onclick: () => this.open() }, "/");
    this.sender = element("button", { type: "submit", class: "send" }, "➤");
    const form = element("form", { class: "writing" }, this.opener, this.input, this.sender);
    this.element = element("div", { class: "composer" }, this.hints, this.quoted, form, this.keyboard);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.input.addEventListener("input", () => this.suggest());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
    this.relabel();
  }

  relabel() {
    this.input.placeholder = t("composer.hint");
    this.input.setAttribute("aria-label", t("composer.message", { title: this.title }));
    for (const [button, word] of [[this.opener, "composer.commands"], [this.sender, "composer.send"]]) {
      button.title = t(word);
      button.setAttribute("aria-label", t(word));
    }
    this.hints.setAttribute("aria-label", t("composer.commands"));
    this.keyboard.setAttribute("aria-label", t("composer.keyboard"));
  }

  reply(message) {
    this.replyTo = message.id;
    const text = (message.text || "…").split("\n")[0];
    const away = element("button", { type: "button", "aria-label": t("composer.no_reply"), onclick: () => this.noReply() }, "✕");
    fill(this.quoted, element("span", {}, t("composer.reply", { text })), away);
    this.quoted.hidden = false;
    this.input.focus();
  }

  noReply() {
    this.replyTo = null;
    this.quoted.hidden = true;
  }

  /** `markup` as the bot sent it with its last message that had one; null: none. */
  show(markup) {
    const rows = markup?.keyboard ?? [];
    this.keyboard.hidden = !rows.length;
    fill(
      this.keyboard,
      rows.map((row) => element("div", { class: "keys-row" }, row.map((one) => this.boardKey(one)))),
    );
  }

  boardKey(one) {
    const { text, request_contact: shares } = typeof one === "string" ? { text: one } : one;
    const press = () => (shares ? this.acts.share() : this.acts.say(text, null));
    return element("button", { type: "button", class: "board-key", onclick: press }, text);
  }

  send() {
    const text = this.input.value.trim();
    if (!text) return;
    this.acts.say(text, this.replyTo);
    this.input.value = "";
    this.noReply();
    this.hide();
    this.grow();
  }

  // Command hints

  open() {
    this.input.value = "/";
    this.input.focus();
    this.suggest();
  }

  suggest() {
    this.grow();
    const typed = this.input.value;
    const fits = /^\/\w*$/.test(typed) ? this.menu().filter(({ command }) => `/${command}`.startsWith(typed)) : [];
    this.hints.hidden = !fits.length;
    this.input.setAttribute("aria-expanded", String(fits.length > 0));
    this.active = -1;
    fill(this.hints, fits.map((one, n) => this.hint(one, n)));
    this.mark();
  }

  hint({ command, description }, n) {
    const made = element(
      "li",
      { id: `${this.hintsId}-${n}`, role: "option", "aria-selected": "false", "data-command": `/${command}` },
      element("b", {}, `/${command}`),
      element("span", {}, description),
    );
    made.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.take(made);
    });
    return made;
  }

  key(event) {
    const count = this.hints.hidden ? 0 : this.hints.children.length;
    if (count && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.active = (this.active + step + (this.active < 0 && step < 0 ? 1 : 0) + count) % count;
      this.mark();
    } else if (count && event.key === "Escape") {
      event.preventDefault();
      this.hide();
    } else if (count && this.active >= 0 && ["Enter", "Tab"].includes(event.key)) {
      event.preventDefault();
      this.take(this.hints.children[this.active]);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape") {
      this.noReply();
    }
  }

  mark() {
    [...this.hints.children].forEach((one, n) => one.setAttribute("aria-selected", String(n === this.active)));
    const marked = this.hints.children[this.active];
    if (marked) this.input.setAttribute("aria-activedescendant", marked.id);
    else this.input.removeAttribute("aria-activedescendant");
    marked?.scrollIntoView({ block: "nearest" });
  }

  take(hint) {
    this.input.value = `${hint.dataset.command} `;
    this.hide();
    this.input.focus();
  }

  hide() {
    this.hints.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 110)}px`;
  }
}
