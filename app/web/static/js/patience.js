// Ends a request that gets no answer. Browsers of 2020 have no AbortSignal.timeout.
export function within(milliseconds) {
  const patience = new AbortController();
  setTimeout(() => patience.abort(), milliseconds);
  return patience.signal;
}
