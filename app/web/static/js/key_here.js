// Says on one's own page, not first at the till, that this browser does not have the key: it is on
// another device, or was forgotten, as some browsers do with what was not used for a week.
import { holder } from "./vault.js";

const box = document.getElementById("key-missing");
Promise.all(JSON.parse(box.dataset.accounts).map(holder))
  .then((rows) => rows.every(Boolean))
  .catch(() => false)
  .then((here) => {
    box.hidden = here;
  });
