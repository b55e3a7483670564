// A button whose form needs its script is off until that runs: pressed too early, it would send a
// form that nobody has signed.
export function ready(form) {
  for (const button of form.querySelectorAll("[data-scripted]")) button.disabled = false;
}
