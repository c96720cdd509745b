// An order that is taken on the spot: products by name, each with what it costs this customer as far as the device knows.
import { make, words } from "./page";
import type { Bundle, Link, Row } from "./store";

interface Line {
  product: Row;
  quantity: string;
}

/** What one costs the customer: their own price, else everybody's; null where there is none. */
function priceOf(product: Row, account: string): number | null {
  const prices = (product.prices ?? {}) as Record<string, string | null>;
  const price = account in prices ? prices[account] : prices[""];
  return price == null ? null : Number(price);
}

/** The folded form; `save` is given the order's name and values, and says whether it was kept. */
export function orderForm(held: Bundle, account: Link, save: (label: string, values: Record<string, unknown>) => Promise<boolean>): HTMLElement {
  const lines: Line[] = [];
  const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: held.currency });
  const named = new Map(held.products.map((one) => [one.title, one]));
  const names = make("datalist", { id: "products" }, ...held.products.map((one) => make("option", { value: one.title })));
  const product = make("input", { class: "form-control", list: "products", "aria-label": words("product"), placeholder: words("product") });
  const quantity = make("input", { class: "form-control", type: "number", min: "0.0001", step: "any", value: "1", "aria-label": words("quantity") });
  const add = make("button", { type: "button", class: "btn" }, words("add"));
  const shown = make("ul");
  const total = make("p", { class: "muted" });
  const put = make("button", { class: "btn btn-primary", disabled: "" }, words("save"));
  const form = make("form", { class: "offline-form", "data-name": "order" }, product, quantity, add, names, shown, total, put);

  const draw = (): void => {
    shown.replaceChildren(
      ...lines.map((line) => {
        const price = priceOf(line.product, account.id);
        const away = make("button", { type: "button", class: "btn btn-sm" }, words("remove"));
        away.addEventListener("click", () => {
          lines.splice(lines.indexOf(line), 1);
          draw();
        });
        return make("li", {}, `${Number(line.quantity)} × ${line.product.title}${price === null ? "" : ` · ${money.format(price)} `}`, away);
      }),
    );
    const known = lines.map((line) => (priceOf(line.product, account.id) ?? 0) * Number(line.quantity));
    total.textContent = lines.length ? words("total").replace("{total}", money.format(known.reduce((sum, one) => sum + one, 0))) : "";
    put.toggleAttribute("disabled", !lines.length);
  };
  const take = (): void => {
    const chosen = named.get(product.value);
    product.setCustomValidity(chosen && Number(quantity.value) > 0 ? "" : words("choose"));
    if (!product.reportValidity() || !chosen) return;
    lines.push({ product: chosen, quantity: quantity.value });
    product.value = "";
    quantity.value = "1";
    draw();
  };
  product.addEventListener("input", () => product.setCustomValidity(""));
  add.addEventListener("click", take);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (product.value) return take(); // Enter in the name of a product
    if (!lines.length) return;
    const rows = lines.map((line, position) => ({ product: line.product.id, quantity: line.quantity, position }));
    const today = new Date();
    const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
    void save(`${words("order")}: ${account.title ?? ""}`, { account: account.id, ordered_on: day, "order-lines": rows }).then((kept) => {
      if (!kept) return;
      lines.length = 0;
      draw();
      form.reset();
    });
  });
  return make("details", {}, make("summary", {}, words("order")), form);
}
