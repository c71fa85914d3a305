// A message's HTML, in Telegram's few tags, as nodes of the page. Unknown tags become their text.

import { element } from "./dom.js";
import { t } from "./words.js";

const PLAIN = new Set(["B", "I", "U", "S", "CODE", "PRE", "BLOCKQUOTE"]);
const FOUND = /(\/[a-z][a-z0-9_]{1,31}(?:@\w+)?)(?![\w/])|(\+\d[\d ()-]{8,18}\d)/gi;

/** `onCommand` is called with a command somebody taps in the text. */
export function rich(html, onCommand) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return [...parsed.body.childNodes].flatMap((node) => convert(node, onCommand));
}

function convert(node, onCommand) {
  if (node.nodeType === Node.TEXT_NODE) return found(node.data, onCommand);
  if (node.nodeType !== Node.ELEMENT_NODE) return [];
  const opaque = ["CODE", "PRE", "A"].includes(node.tagName);
  const inside = [...node.childNodes].flatMap((child) => convert(child, opaque ? null : onCommand));
  if (PLAIN.has(node.tagName)) return [element(node.tagName.toLowerCase(), {}, inside)];
  if (node.tagName === "TG-SPOILER") return [spoiler(inside)];
  if (node.tagName === "A") return [link(node.getAttribute("href") ?? "", inside)];
  return inside;
}

/** Commands can be tapped, numbers stay in one line. `onCommand` null: neither is looked for. */
function found(text, onCommand) {
  if (!onCommand) return [text];
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(FOUND)) {
    const before = text[match.index - 1];
    if (match[1] && before && !/[\s(«"—:,]/.test(before)) continue;
    parts.push(text.slice(at, match.index));
    parts.push(
      match[1]
        ? command(match[1], onCommand)
        : element("span", { class: "phone" }, match[2]),
    );
    at = match.index + match[0].length;
  }
  return [...parts, text.slice(at)];
}

/** A button by its role only: a real one would part from the comma behind it at the end of a line. */
function command(text, onCommand) {
  const made = element("span", { role: "button", tabindex: 0, class: "command", onclick: () => onCommand(text) }, text);
  made.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onCommand(text);
  });
  return made;
}

function link(href, inside) {
  if (!/^(https?:|mailto:|tel:)/i.test(href)) return element("span", { class: "mention" }, inside);
  return element("a", { href, target: "_blank", rel: "noopener noreferrer" }, inside);
}

function spoiler(inside) {
  const covered = element("span", { "aria-hidden": "true" }, inside);
  const made = element("button", { type: "button", class: "spoiler", "aria-label": t("message.spoiler") }, covered);
  made.addEventListener("click", () => made.replaceWith(...inside));
  return made;
}
