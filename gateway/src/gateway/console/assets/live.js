/** Events of the person's files as they happen, over a WebSocket that is opened again whenever it breaks. */
import { address } from "./api.js";
import { session } from "./session.js";

const LONGEST_PAUSE = 30_000;
const TOKEN_ENDED = 4401;
const EVENTS_GONE = 4410;

/** Dispatches "event" (`detail` is `{id, type, time, data}`), "missed" where some were lost, and "state". */
export const live = Object.assign(new EventTarget(), { connected: false });

let socket = null;
let last = null;
let failures = 0;
let timer = null;
let hasGap = false; // nobody tells what happened since the last connection

export function startLive() {
  session.addEventListener("change", () => (session.isOpen ? connect() : disconnect()));
  addEventListener("online", () => { failures = 0; connect(); });
  if (session.isOpen) connect();
}

async function connect() {
  if (socket || !session.isOpen) return;
  clearTimeout(timer);
  const opening = (socket = {}); // keeps a second one from being opened meanwhile
  const token = await session.token().catch(() => null);
  if (socket !== opening) return;
  if (!token) { socket = null; return again(); }
  const url = address("files/events", { after: last });
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url, ["strongroom.v1", `bearer.${token}`]);
  socket.onopen = () => {
    failures = 0;
    tell(true);
    if (hasGap) live.dispatchEvent(new Event("missed"));
    hasGap = false;
  };
  socket.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    last = event.id;
    live.dispatchEvent(new CustomEvent("event", { detail: event }));
  };
  socket.onclose = ({ code }) => closed(code);
}

function closed(code) {
  socket = null;
  tell(false);
  if (code === EVENTS_GONE) {
    last = null;
    live.dispatchEvent(new Event("missed"));
  }
  hasGap = last === null;
  if (code === TOKEN_ENDED) session.renew().then(connect, again);
  else again();
}

function again() {
  if (!session.isOpen) return;
  failures += 1;
  if (last === null) live.dispatchEvent(new Event("missed"));
  timer = setTimeout(connect, Math.min(LONGEST_PAUSE, 500 * 2 ** failures) * (0.5 + Math.random() / 2));
}

function disconnect() {
  clearTimeout(timer);
  last = null;
  hasGap = false;
  if (socket?.close) {
    socket.onclose = socket.onmessage = null; // what is still on its way was for who is gone
    socket.close();
  }
  socket = null;
  tell(false);
}

function tell(connected) {
  live.connected = connected;
  live.dispatchEvent(new Event("state"));
}
