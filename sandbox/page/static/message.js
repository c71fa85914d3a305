// One message as people know it: a bubble, its buttons, its photo, sound or file.

import { element } from "./dom.js";
import { rich } from "./rich.js";
import { clock, size, t } from "./words.js";

const COLOURS = 6;

/**
 * `around` is what the panel knows: {me, isGroup, follows, onCommand, onPress, onReply, onPhoto}. `before` is the
 * element shown so far; a player in it goes on playing.
 */
export function drawMessage(message, around, before = null) {
  if (message.service) return drawService(message);
  const mine = message.from.id === around.me;
  const classes = ["message", mine ? "mine" : "theirs", around.follows ? "follows" : ""].join(" ").trim();
  return element(
    "article",
    {
      class: classes,
      "data-id": message.id,
      "aria-label": t("message.label", { name: message.from.name, time: clock(message.date) }),
    },
    around.isGroup && !mine ? face(message.from) : null,
    element("div", { class: "column" }, bubble(message, around, mine, before), keys(message, around)),
    element(
      "button",
      { type: "button", class: "reply", title: t("message.reply"), "aria-label": t("message.reply"), onclick: () => around.onReply(message) },
      "↩",
    ),
  );
}

export function face(user) {
  const letters = user.is_bot ? "🤖" : user.name.slice(0, 1);
  const colour = user.is_bot ? "bot" : user.id % COLOURS;
  return element("span", { class: `face colour-${colour}`, "aria-hidden": "true" }, letters);
}

function bubble(message, around, mine, before) {
  const named = around.isGroup && !mine && !around.follows;
  const colour = message.from.is_bot ? "bot" : message.from.id % COLOURS;
  return element(
    "div",
    { class: `bubble${message.file?.kind === "photo" ? " pictured" : ""}` },
    named ? element("div", { class: `sender ink-${colour}` }, message.from.name) : null,
    message.forwarded ? element("div", { class: "forwarded" }, t("message.forwarded")) : null,
    message.reply_to ? element("div", { class: "quote" }, message.reply_to.text || "…") : null,
    message.file ? carried(message, around, before) : null,
    message.contact ? contact(message.contact) : null,
    message.html ? element("div", { class: "text" }, rich(message.html, around.onCommand)) : null,
    stamp(message),
  );
}

function stamp(message) {
  const marks = [
    message.pinned ? element("span", { role: "img", "aria-label": t("message.pinned") }, "📌") : null,
    message.silent ? element("span", { role: "img", "aria-label": t("message.silent") }, "🔕") : null,
    message.edited ? element("span", { class: "edited" }, t("message.edited")) : null,
  ];
  return element("div", { class: "stamp" }, marks, element("time", { datetime: message.date }, clock(message.date)));
}

function carried(message, around, before) {
  const { file } = message;
  const source = `/files/${encodeURIComponent(file.id)}`;
  switch (file.kind) {
    case "photo": {
      const alt = message.text || t("message.photo");
      const open = () => around.onPhoto(source, alt);
      return element(
        "button",
        { type: "button", class: "photo", "aria-label": t("message.open_photo"), onclick: open },
        element("img", { src: source, alt, loading: "lazy" }),
      );
    }
    case "audio":
    case "voice":
      return sound(file, source, before);
    case "video":
      return element("video", { class: "video", controls: true, preload: "metadata", src: source });
    default: {
      // What Telegram takes for no music (a .wav) comes as a file, which people's clients play all the same.
      if (/\.wav$/i.test(file.name)) return sound(file, source, before);
      const label = t("message.file", { name: file.name, size: size(file.size) });
      return element(
        "a",
        { class: "file", href: source, download: file.name, "aria-label": label },
        element("span", { class: "file-icon", "aria-hidden": "true" }, "📄"),
        element("span", { class: "file-name" }, file.name),
        element("span", { class: "quiet" }, size(file.size)),
      );
    }
  }
}

function sound(file, source, before) {
  const playing = before?.querySelector("audio");
  const label = t("message.audio", { name: file.name });
  const player =
    playing?.getAttribute("src") === source
      ? playing
      : element("audio", { controls: true, preload: "metadata", src: source, "aria-label": label });
  return element("div", { class: "sound" }, element("div", { class: "file-name" }, `🎧 ${file.name}`), player);
}

function contact({ name, phone }) {
  return element(
    "div",
    { class: "contact", "aria-label": t("message.contact") },
    element("span", { "aria-hidden": "true", class: "contact-icon" }, "👤"),
    element("span", {}, element("b", {}, name), element("br"), phone.startsWith("+") ? phone : `+${phone}`),
  );
}

function keys(message, around) {
  if (!message.buttons.length) return null;
  return element(
    "div",
    { class: "keys", role: "group", "aria-label": t("message.buttons") },
    message.buttons.map((row) => element("div", { class: "keys-row" }, row.map((one) => key(message, one, around)))),
  );
}

function key(message, { text, data, url }, around) {
  if (url) return element("a", { class: "key", href: url, target: "_blank", rel: "noopener noreferrer" }, `${text} ↗`);
  const made = element("button", { type: "button", class: "key", "data-press": data, disabled: !data }, text);
  made.addEventListener("click", async () => {
    if (made.getAttribute("aria-busy") === "true") return;
    made.setAttribute("aria-busy", "true");
    try {
      await around.onPress(message, data);
    } finally {
      made.removeAttribute("aria-busy");
    }
  });
  return made;
}

function drawService(message) {
  return element("div", { class: "service", "data-id": message.id }, element("span", {}, serviceText(message)));
}

function serviceText({ service, from }) {
  const named = (person) => person?.first_name ?? from.name;
  if (service.new_chat_members) return t("service.joined", { name: service.new_chat_members.map(named).join(", ") });
  if (service.left_chat_member) return t("service.left", { name: named(service.left_chat_member) });
  if (service.pinned_message) return t("service.pinned");
  if (service.migrate_to_chat_id || service.migrate_from_chat_id) return t("service.migrated");
  if (service.forum_topic_created) return t("service.topic", { name: service.forum_topic_created.name });
  return t("service.other");
}
