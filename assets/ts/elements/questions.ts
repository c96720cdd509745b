// <trato-questions>: questions that lead to each other. Where one can be chosen as the next, it is called as it is written by now.
class Questions extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("input", (event) => {
      const asked = (event.target as Element).closest<HTMLInputElement>("[data-ask]");
      const card = asked?.closest<HTMLElement>("[data-question]");
      if (!asked || !card) return;
      const number = [...this.querySelectorAll("[data-question]")].indexOf(card) + 1;
      this.querySelectorAll<HTMLOptionElement>(".question-way option").forEach((option) => {
        if (option.value === card.dataset.question) option.textContent = `${number}. ${asked.value.slice(0, 60)}`;
      });
    });
  }
}

customElements.define("trato-questions", Questions);
