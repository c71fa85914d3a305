// Elements out of names, attributes and children. Text is only ever put in as text.

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
