// Taking along and bringing back: asks the server for what the device keeps, and sends what was written without a network, one thing after the other.
import { type Bundle, type Dispute, drop, forget, type Item, keep, put, type Waiting, waiting } from "./store";

/** How it went: whether there is a network, and whether the person is still signed in and a member. */
export type Went = "online" | "offline" | "sign_in" | "gone";

/** Send what waits, then keep what the server has now. */
export async function refresh(base: string): Promise<Went> {
  const first = await fetchBundle(base);
  if (typeof first === "string") return first;
  const sent = await send(base, first);
  const last = sent ? await fetchBundle(base) : first;
  if (typeof last === "string") return last;
  await keep(base, last);
  return "online";
}

async function fetchBundle(base: string): Promise<Bundle | Exclude<Went, "online">> {
  let answer: Response;
  try {
    answer = await fetch(`${base}/offline/bundle`, { redirect: "manual", cache: "no-store" });
  } catch {
    return "offline";
  }
  if (answer.ok) return (await answer.json()) as Bundle;
  if (answer.status >= 500 || answer.status === 429) return "offline";
  await forget(base); // signed out, or no member any more: nothing stays but what was written here
  return answer.type === "opaqueredirect" ? "sign_in" : "gone";
}

/** Send what waits, of the person who is signed in; how many came through. Of two tabs only one sends. */
async function send(base: string, bundle: Bundle): Promise<number> {
  return (
    (await navigator.locks.request(`send ${base}`, async () => {
      let sent = 0;
      for (const one of await waiting(base, bundle.user)) {
        if (one.state !== "waiting") continue;
        const went = await sendOne(base, one, bundle.token ?? "");
        if (went === null) break;
        sent += went;
      }
      return sent;
    })) ?? 0
  );
}

/** 1 when it came through, 0 when the server would not have it, null when it could not be asked. */
async function sendOne(base: string, one: Waiting, token: string): Promise<number | null> {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token, "Idempotency-Key": one.id };
  let answer: Response;
  try {
    answer = await fetch(`${base}/offline/send`, { method: "POST", headers, body: JSON.stringify(one.item satisfies Item), redirect: "manual" });
  } catch {
    return null;
  }
  if (answer.ok) {
    await drop(base, one.id);
    return 1;
  }
  if (answer.type === "opaqueredirect" || answer.status >= 500 || [425, 429].includes(answer.status)) return null;
  const said = (await answer.json().catch(() => ({}))) as { message?: string; fields?: Dispute[] };
  await put(base, { ...one, state: said.fields ? "conflict" : "refused", message: said.message ?? "", fields: said.fields ?? [] });
  return 0;
}
