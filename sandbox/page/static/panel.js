// One chat: its head, its messages, its composer. Follows the chat's changes and counts what was not seen.

import { post } from "./api.js";
import { Composer } from "./composer.js";
import { element, fill } from "./dom.js";
import { drawMessage, face } from "./message.js";
import { day, t } from "./words.js";

const NEAR_END = 40;
const TOAST_MS = 5000;
const FLASH_MS = 1800;
const HINT_MS = 8000;

export class Panel {
  /** `people`: who can write here; `page`: {isSeen(panel), onUnread(panel), onPhoto(src, alt), onAlert(text), onError(error), about}. */
  constructor(chat, people, menus, page) {
    this.id = chat.id;
    this.people = people;
    this.menus = menus;
    this.page = page;
    this.isGroup = chat.type !== "private";
    this.me = people[0].id;
    this.unread = 0;
    this.messages = new Map();
    this.log = element("div", { class: "log", role: "log", tabindex: 0, "aria-live": "off" });
    this.jump = element("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd() });
    this.toastBox = element("div", { class: "toast", role: "status" });
    this.hint = element("button", { type: "button", class: "changed", hidden: true, onclick: () => this.toChanged() });
    /** The messages on whose buttons this page has pressed and is waiting: only its own presses may stop everything. */
    this.pressed = new Set();
    this.head = element("header", { class: "head" });
    const acts = { say: (text, replyTo) => this.say(text, replyTo), share: () => this.share() };
    this.composer = new Composer(chat.title, () => this.menus[this.me]?.[this.id] ?? [], acts);
    const body = element("div", { class: "body" }, this.log, this.hint, this.jump, this.toastBox);
    this.element = element("section", { class: "panel", id: `panel-${this.id}` }, this.head, body, this.composer.element);
    this.stays = true;
    this.log.addEventListener("scroll", () => {
      this.stays = this.isAtEnd();
      this.look();
    });
    // Whoever reads the end goes on reading it when a keyboard opens, the window shrinks or a picture arrives.
    new ResizeObserver(() => this.stays && this.toEnd()).observe(this.log);
    this.log.addEventListener("load", () => this.stays && this.toEnd(), true);
    this.update(chat);
  }

  /** The whole chat anew, as it is now. */
  update(chat, menus = this.menus) {
    this.chat = chat;
    this.menus = menus;
    const atEnd = this.messages.size === 0 || this.isAtEnd();
    this.messages = new Map(chat.messages.map((one) => [one.id, one]));
    this.drawHead();
    this.drawAll();
    if (atEnd) this.toEnd();
  }

  relabel() {
    this.composer.relabel();
    this.drawHead();
    this.drawAll();
    this.showUnread();
  }

  // Changes

  apply(change) {
    switch (change.kind) {
      case "message":
        this.added(change.message);
        break;
      case "edit":
        this.edited(change.message);
        break;
      case "delete":
        this.removed(change.message_id);
        break;
      case "chat":
        this.chat = { ...this.chat, ...change.about };
        this.drawHead();
        break;
      case "answer":
        this.answered(change);
        break;
      case "press":
        this.find(change.message_id)?.querySelector(`[data-press="${CSS.escape(change.data)}"]`)?.classList.add("pressed");
        break;
    }
  }

  added(message) {
    const atEnd = this.isAtEnd();
    const known = this.messages.has(message.id);
    this.messages.set(message.id, message);
    if (known) this.redraw(message);
    else this.append(message);
    this.composer.show(this.keyboard());
    if (known) return;
    const written = this.people.some((one) => one.id === message.from.id);
    if (atEnd || message.from.id === this.me) this.toEnd();
    if (!written && (!this.page.isSeen(this) || !this.isAtEnd())) this.unread += 1;
    this.showUnread();
  }

  edited(message) {
    this.messages.set(message.id, message);
    const atEnd = this.isAtEnd();
    const drawn = this.redraw(message);
    this.composer.show(this.keyboard());
    if (atEnd) this.toEnd();
    if (!drawn) return;
    this.flash(drawn);
    if (this.isAbove(drawn)) this.hintAt(message.id);
  }

  flash(drawn) {
    drawn.classList.add("flash");
    setTimeout(() => drawn.classList.remove("flash"), FLASH_MS);
  }

  /** Out of sight, over what is read now. */
  isAbove(drawn) {
    return !this.element.hidden && drawn.getBoundingClientRect().bottom < this.log.getBoundingClientRect().top + NEAR_END;
  }

  hintAt(messageId) {
    this.changedId = messageId;
    this.hint.textContent = `↑ ${t("panel.changed")}`;
    this.hint.hidden = false;
    clearTimeout(this.hinting);
    this.hinting = setTimeout(() => (this.hint.hidden = true), HINT_MS);
  }

  toChanged() {
    this.hint.hidden = true;
    this.log.focus();
    const drawn = this.find(this.changedId);
    if (!drawn) return;
    drawn.scrollIntoView({ block: "center" });
    this.flash(drawn);
  }

  removed(messageId) {
    this.messages.delete(messageId);
    const drawn = this.find(messageId);
    if (!drawn) return;
    drawn.removeAttribute("data-id");
    drawn.classList.add("leaving");
    setTimeout(() => drawn.remove(), matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 300);
  }

  /** What somebody is told for a press. In Telegram only they see it; here their name stands before it. */
  answered({ user, message_id: messageId, text, show_alert: alert, url }) {
    const mine = user === this.me && this.pressed.has(messageId);
    const who = this.isGroup && !mine ? this.people.find((one) => one.id === user)?.name : null;
    if (alert && text && mine) this.page.onAlert(text);
    else if (text || url) this.toast(text || url, who, alert);
  }

  toast(text, who = null, alert = false) {
    fill(this.toastBox, element("div", { class: alert ? "toast-text alert" : "toast-text" }, who ? element("b", {}, `${who}: `) : null, text));
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => fill(this.toastBox), alert ? 2 * TOAST_MS : TOAST_MS);
  }

  // What the person does

  async act(path, body) {
    try {
      return await post(path, { as: this.me, chat: this.id, ...body });
    } catch (error) {
      this.page.onError(error);
      return null;
    }
  }

  say(text, replyTo) {
    return this.act("/api/say", replyTo ? { text, reply_to: replyTo } : { text });
  }

  share() {
    return this.act("/api/contact", {});
  }

  async press(message, data) {
    this.pressed.add(message.id);
    const answer = await this.act("/api/press", { message: message.id, data });
    setTimeout(() => this.pressed.delete(message.id), TOAST_MS);
    if (answer && !answer.answered) this.toast(t("message.no_answer"));
  }

  // Drawing

  drawHead() {
    const name = this.isGroup ? this.chat.title : this.people[0].name;
    this.title = name;
    const about = this.isGroup
      ? t(this.page.about)
      : t(this.people[0].manager ? "panel.manager" : "panel.employee");
    this.element.setAttribute("aria-label", `${name}: ${about}`);
    this.log.setAttribute("aria-label", t("panel.messages", { title: name }));
    fill(
      this.head,
      face({ id: Math.abs(this.id), name, is_bot: false }),
      element("div", { class: "names" }, element("h2", {}, name), element("p", { class: "quiet" }, about)),
      this.people.length > 1 ? this.speakers() : null,
      this.isGroup ? null : this.board(),
    );
  }

  /** The manager's board as this person's Telegram would open it. */
  board() {
    const attributes = { class: "to-board", href: `/board?as=${this.me}`, target: "_blank", rel: "noopener", "aria-label": t("panel.board_of", { title: this.title }) };
    return element("a", attributes, t("panel.board"));
  }

  speakers() {
    const one = (person) => {
      const radio = element("input", {
        type: "radio",
        name: `speaker-${this.id}`,
        value: person.id,
        checked: person.id === this.me,
        onchange: () => this.speakAs(person.id),
      });
      return element("label", { class: "speaker", title: person.name }, radio, face(person), element("span", { class: "unseen" }, person.name));
    };
    const legend = element("legend", { class: "unseen" }, t("panel.writes_as"));
    return element("fieldset", { class: "speakers", title: t("panel.writes_as") }, legend, this.people.map(one));
  }

  speakAs(personId) {
    this.me = personId;
    this.drawAll();
    this.toEnd();
  }

  drawAll() {
    const focused = this.log.scrollTop;
    this.lastDrawn = null;
    fill(this.log);
    if (!this.messages.size) fill(this.log, element("p", { class: "nothing" }, t("panel.empty")));
    for (const message of this.messages.values()) this.append(message);
    this.log.scrollTop = focused;
    this.composer.show(this.keyboard());
  }

  append(message) {
    this.log.querySelector(".nothing")?.remove();
    const today = day(message.date);
    if (!this.lastDrawn || day(this.lastDrawn.date) !== today) {
      this.log.append(element("div", { class: "service day" }, element("span", {}, today)));
      this.lastDrawn = null;
    }
    this.log.append(drawMessage(message, this.around(message, this.lastDrawn)));
    this.lastDrawn = message;
  }

  redraw(message) {
    const old = this.find(message.id);
    if (!old) return null;
    const around = { ...this.around(message, null), follows: old.classList.contains("follows") };
    const hadFocus = old.contains(document.activeElement) ? document.activeElement.dataset.press : undefined;
    const drawn = drawMessage(message, around, old);
    old.replaceWith(drawn);
    if (hadFocus) (drawn.querySelector(`[data-press="${CSS.escape(hadFocus)}"]`) ?? this.log).focus();
    return drawn;
  }

  around(message, previous) {
    const follows = Boolean(previous && !previous.service && previous.from.id === message.from.id);
    return {
      me: this.me,
      isGroup: this.isGroup,
      follows,
      onCommand: (command) => this.say(command, null),
      onPress: (pressed, data) => this.press(pressed, data),
      onReply: (replied) => this.composer.reply(replied),
      onPhoto: this.page.onPhoto,
    };
  }

  /** The reply keyboard in force: the last one sent, unless it was for one use and somebody wrote since. */
  keyboard() {
    const all = [...this.messages.values()];
    const at = all.findLastIndex((one) => one.keyboard);
    if (at < 0) return null;
    const { keyboard } = all[at];
    const used = all.slice(at + 1).some((one) => one.from.id === this.me);
    return keyboard.one_time_keyboard && used ? null : keyboard;
  }

  find(messageId) {
    return this.log.querySelector(`[data-id="${messageId}"]`);
  }

  // What was seen

  isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END;
  }

  toEnd() {
    this.stays = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.look();
  }

  look() {
    if (this.unread && this.page.isSeen(this) && this.isAtEnd()) this.unread = 0;
    this.showUnread();
  }

  showUnread() {
    this.jump.hidden = this.isAtEnd();
    this.jump.textContent = this.unread ? `↓ ${t("panel.unread", { number: this.unread })}` : "↓";
    this.jump.setAttribute("aria-label", t("panel.unread", { number: this.unread }));
    this.page.onUnread(this);
  }
}
