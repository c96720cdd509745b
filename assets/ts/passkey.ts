// Passkeys on the pages of an account. A form with data-passkey asks the browser for a credential before it is sent:
// "create" and "get" take what the server asks for from the JSON in #passkey-options, "sign-in" fetches it from the form's address.
type Options = { publicKey: Record<string, unknown> & { authenticatorSelection?: AuthenticatorSelectionCriteria } };

const form = document.querySelector<HTMLFormElement>("form[data-passkey]");

function kept(): Options {
  const said = JSON.parse(document.getElementById("passkey-options")?.textContent ?? "{}");
  return said.creation_options ?? said.request_options;
}

async function fetched(address: string): Promise<Options> {
  const answer = await fetch(address, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).request_options;
}

async function created(options: Options, alone: boolean): Promise<Credential | null> {
  const asked = options.publicKey as unknown as PublicKeyCredentialCreationOptionsJSON;
  if (alone) {
    asked.authenticatorSelection = { ...asked.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
  }
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
}

async function given(options: Options): Promise<Credential | null> {
  const asked = options.publicKey as unknown as PublicKeyCredentialRequestOptionsJSON;
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
}

async function send(to: HTMLFormElement): Promise<void> {
  const how = to.dataset.passkey;
  const alone = to.querySelector<HTMLInputElement>("[name=passwordless]")?.checked ?? false;
  const credential = how === "create" ? await created(kept(), alone) : await given(how === "sign-in" ? await fetched(to.action) : kept());
  const field = to.querySelector<HTMLInputElement>("[name=credential]");
  if (!credential || !field) return;
  field.value = JSON.stringify((credential as PublicKeyCredential).toJSON());
  to.submit();
}

if (form && window.PublicKeyCredential) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // Whoever closes the browser's question, or waits too long, reads so and may try again.
    send(form).catch(() => form.querySelector<HTMLElement>("[role=alert]")?.removeAttribute("hidden"));
  });
}
