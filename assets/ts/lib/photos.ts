// Photos of visits: made small where they are taken, and shown until they are sent.
import { icon, make, words } from "./page";
import type { Waiting } from "./store";

const LONGEST = 1600;
const QUALITY = 0.85;
const THUMBNAIL = 192;

function drawn(picture: ImageBitmap, scale: number, canvas: HTMLCanvasElement): void {
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  pen.imageSmoothingQuality = "high";
  pen.fillStyle = "white"; // JPEG knows no transparency
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
}

/** The picture alone, upright, as a JPEG of at most 1600 pixels a side: where and with what it was taken stays behind. It fails for what is no picture. */
async function small(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const canvas = make("canvas");
  drawn(picture, Math.min(1, LONGEST / Math.max(picture.width, picture.height)), canvas);
  const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!made) throw new Error("no picture");
  return made;
}

/** A photo that waits, as a small picture. */
export function thumbnail({ photo, label }: Waiting): HTMLElement {
  const canvas = make("canvas", { role: "img", "aria-label": label });
  if (photo) {
    createImageBitmap(photo)
      .then((picture) => drawn(picture, THUMBNAIL / Math.max(picture.width, picture.height), canvas))
      .catch(() => undefined);
  }
  return canvas;
}

/** A button that takes photos, beside those that wait. `keep` is given each, says whether it was kept, and is asked for no more once one was not. */
export function photos(waiting: Waiting[], keep: (photo: Blob) => Promise<boolean>, remove: (one: Waiting) => HTMLElement, say: (words: string) => void): HTMLElement {
  const input = make("input", { type: "file", class: "visually-hidden", accept: "image/*", capture: "environment", multiple: "" });
  const label = make("label", { class: "btn" }, icon("camera"), words("photo"), input);
  input.addEventListener("change", async () => {
    const files = [...(input.files ?? [])];
    (document.activeElement as HTMLElement | null)?.blur(); // what is being written in is not drawn anew
    input.value = ""; // the same file may be chosen again
    let unread = 0;
    let held = 0;
    for (const file of files) {
      const made = await small(file).catch(() => null);
      if (!made) unread += 1;
      else if (await keep(made)) held += 1;
      else break;
    }
    const missing = files.length - held - unread;
    if (missing) say(words("photos_full").replace("{n}", String(held)).replace("{all}", String(files.length)));
    else if (unread) say(words("no_photo"));
  });
  const shown = waiting.map((one) => make("li", {}, thumbnail(one), remove(one)));
  return make("div", { class: "offline-photos" }, label, make("ul", {}, ...shown));
}
