// Signing out also forgets the code page that was kept for use without network.
const form = document.querySelector("form[data-sign-out]");
form?.addEventListener("submit", () => navigator.serviceWorker?.controller?.postMessage("forget"));
