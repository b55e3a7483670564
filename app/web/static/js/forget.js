// A station is many people's: the code page that its enroller kept for use without network goes.
navigator.serviceWorker?.ready.then(({ active }) => active?.postMessage("forget")).catch(() => {});
