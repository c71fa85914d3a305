// Questions to our server. Each carries what Telegram signed; there are no cookies.

import { initData } from "./telegram.js";

const PATIENCE_MS = 15000;

/** Somebody is refused; the message is for them. */
export class Refused extends Error {}

async function asked(path, { headers = {}, ...more } = {}) {
  const response = await fetch(`board/api/${path}`, {
    ...more,
    headers: { Authorization: `tma ${initData}`, ...headers },
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if ([401, 403, 404, 409, 502].includes(response.status)) {
    const { error } = await response.json();
    throw Object.assign(new Refused(error), { status: response.status });
  }
  if (!response.ok && response.status !== 304) throw new Error(String(response.status));
  return response;
}

export const ask = async (path) => (await asked(path)).json();

let tag = null;
/** The board as it is now; null if it is as it was. */
export async function news() {
  const response = await asked("now", { headers: tag ? { "If-None-Match": tag } : {} });
  if (response.status === 304) return null;
  tag = response.headers.get("ETag");
  return response.json();
}

export async function act(caseId, what, body = {}) {
  const response = await asked(`cases/${caseId}/${what}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ once: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, ...body }),
  });
  return response.json();
}

/** The day's picture; null if there is none. */
export async function picture() {
  const response = await asked("picture");
  return response.status === 204 ? null : response.blob();
}
