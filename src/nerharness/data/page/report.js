"use strict";
(() => {
  const form = document.querySelector(".filter");
  if (!form) return;
  const articles = [...document.querySelectorAll("article")];
  const rows = new Map(articles.map((one) => [one, [...one.querySelectorAll("tr[data-cause]")]]));
  const texts = new Map();
  const textOf = (article) => {
    if (!texts.has(article)) {
      const copy = article.cloneNode(true);
      for (const code of copy.querySelectorAll(".k, details")) code.remove();
      texts.set(article, copy.textContent.toLowerCase());
    }
    return texts.get(article);
  };
  const count = form.querySelector("output");
  const filter = () => {
    const cause = form.elements.cause.value;
    const label = form.elements.label.value;
    const words = form.elements.words.value.toLowerCase();
    let left = 0;
    for (const article of articles) {
      let fitting = 0;
      for (const row of rows.get(article)) {
        const labels = row.dataset.labels.split(" ");
        const fits = (!cause || row.dataset.cause === cause) && (!label || labels.includes(label));
        row.hidden = !fits;
        fitting += fits;
      }
      const wanted = cause || label ? fitting > 0 : true;
      article.hidden = !(wanted && (!words || textOf(article).includes(words)));
      left += !article.hidden;
    }
    count.textContent = `${left} of ${articles.length} documents`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
