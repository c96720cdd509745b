// What a device keeps for work without a network, one IndexedDB database a workspace: "kept" holds what the server gave, and "queue" what was written
// here and is not sent yet, each thing with the person who wrote it. A promise that is fulfilled means that it is on the disk.
export interface Link {
  id: string;
  title?: string;
  name?: string;
}
export type Row = { id: string; version: number; title: string } & Record<string, unknown>;
export interface Bundle {
  user: string;
  workspace: string;
  taken_at: string;
  until: string;
  currency: string;
  may: Record<string, boolean>;
  token?: string;
  visits: Row[];
  accounts: Row[];
  contacts: Row[];
  orders: Row[];
  "order-lines": Row[];
  products: Row[];
}
export interface Dispute {
  name: string;
  label: string;
  mine: unknown;
  theirs: unknown;
  shown: string;
}
export interface Item {
  id: string;
  user: string;
  does: "create" | "change" | "act";
  object: string;
  record?: string;
  action?: string;
  version?: number;
  base?: Record<string, unknown>;
  values: Record<string, unknown>;
}
/** An item as it waits: what it is called here, its photo if it is one, and what the server said of it. */
export interface Waiting {
  id: string;
  label: string;
  item: Item;
  photo?: Blob;
  state: "waiting" | "conflict" | "refused";
  message: string;
  fields: Dispute[];
}

export const nameOf = (base: string): string => `trato ${base}`;

function open(base: string): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const request = indexedDB.open(nameOf(base), 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("kept");
      request.result.createObjectStore("queue", { keyPath: "id" });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      done(request.result);
    };
    request.onerror = () => failed(request.error);
  });
}

/** Run `work` in one transaction; what it returns is had once the transaction is on the disk. */
async function transact<T>(base: string, stores: string[], mode: IDBTransactionMode, work: (of: (name: string) => IDBObjectStore) => IDBRequest<T> | null): Promise<T | undefined> {
  const database = await open(base);
  try {
    return await new Promise((done, failed) => {
      const transaction = database.transaction(stores, mode, { durability: "strict" });
      const request = work((name) => transaction.objectStore(name));
      transaction.oncomplete = () => done(request?.result);
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** Put what the server gave in place of what it gave before. The token stays in memory. */
export async function keep(base: string, bundle: Bundle): Promise<void> {
  const { token: _token, ...held } = bundle;
  await transact(base, ["kept"], "readwrite", (of) => of("kept").put(held, "bundle"));
}

/** What is kept, null for nothing; what is older than it may be is forgotten. */
export async function read(base: string): Promise<Bundle | null> {
  const found = (await transact(base, ["kept"], "readonly", (of) => of("kept").get("bundle") as IDBRequest<Bundle>)) ?? null;
  if (!found || Date.parse(found.until) > Date.now()) return found;
  await forget(base);
  return null;
}

/** Let go of what the server gave; what was written here stays. */
export async function forget(base: string): Promise<void> {
  await transact(base, ["kept"], "readwrite", (of) => of("kept").clear());
}

/** What waits to be sent, of one person, or of anybody who wrote on this device; the oldest first. */
export async function waiting(base: string, user?: string): Promise<Waiting[]> {
  const found = (await transact(base, ["queue"], "readonly", (of) => of("queue").getAll() as IDBRequest<Waiting[]>)) ?? [];
  return found.filter((one) => user === undefined || one.item.user === user);
}

export async function put(base: string, one: Waiting): Promise<void> {
  await transact(base, ["queue"], "readwrite", (of) => of("queue").put(one));
}

export async function drop(base: string, id: string): Promise<void> {
  await transact(base, ["queue"], "readwrite", (of) => of("queue").delete(id));
}

/** A UUID of version 7, as all ids here: ordered by time. */
export function uuid7(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let place = 5; place >= 0; place--) {
    bytes[place] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
