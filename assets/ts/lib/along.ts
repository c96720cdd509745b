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
      const all = (await waiting(base, bundle.user)).filter((one) => one.state === "waiting");
      // Photos last: what is written is small, and doesn't wait for them where the network is thin.
      for (const one of [...all.filter(({ photo }) => !photo), ...all.filter(({ photo }) => photo)]) {
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
  const item = JSON.stringify(one.item satisfies Item);
  const headers: Record<string, string> = { "X-CSRFToken": token, "Idempotency-Key": one.id };
  if (!one.photo) headers["Content-Type"] = "application/json";
  let body: string | FormData = item;
  let answer: Response;
  try {
    if (one.photo) body = await withPhoto(one, item);
  } catch {
    await put(base, { ...one, state: "refused", message: "", fields: [] }); // the device can't read its own disk: no other is held up
    return 0;
  }
  try {
    answer = await fetch(`${base}/offline/send`, { method: "POST", headers, body, redirect: "manual" });
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

/** A form of an item and its photo, named by when it was taken; it fails when the photo can't be read any more. */
async function withPhoto(one: Waiting, item: string): Promise<FormData> {
  const taken = String(one.item.values.happened_at).slice(0, 19).replace("T", " ").replaceAll(":", ".");
  const form = new FormData();
  form.append("item", item);
  form.append("photo", new Blob([(await one.photo?.arrayBuffer()) ?? ""], { type: "image/jpeg" }), `photo ${taken} UTC.jpg`);
  return form;
}
