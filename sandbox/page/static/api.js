// Talks to the page's own server, and to nobody else.

export async function post(path, body = {}) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

export async function fetchState() {
  const response = await fetch("/api/state");
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

/**
 * Follows the stream for ever. After `hello` (and whenever the server says the page fell behind) the whole state is
 * asked for; changes that come meanwhile wait until it is there, and being whole messages they do no harm twice.
 */
export function follow({ onState, onChange, onLost }) {
  let waiting = [];
  let asking = false;

  async function reload() {
    waiting = [];
    if (asking) return;
    asking = true;
    try {
      onState(await fetchState());
      const late = waiting;
      waiting = null;
      late.forEach(onChange);
    } catch {
      onLost();
      setTimeout(reload, 1000);
    } finally {
      asking = false;
    }
  }

  const source = new EventSource("/api/stream");
  source.onmessage = (event) => {
    const change = JSON.parse(event.data);
    if (change.kind === "hello" || change.kind === "reload") reload();
    else if (waiting) waiting.push(change);
    else onChange(change);
  };
  source.onerror = () => {
    onLost();
    // A server that answered with an error ends an EventSource for good.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow({ onState, onChange, onLost }), 1000);
  };
}
