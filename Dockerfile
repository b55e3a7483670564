# One image: web (the default), gateway, worker, signer, migrate, or a command of civis. State lives in /var/lib/civis;
# database and chain are elsewhere, named by DATABASE_URL and CHAIN_RPC_URLS.
FROM python:3.11-slim-bookworm AS build
WORKDIR /civis
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
# requirements-pkcs11.lock where a security module keeps the keys; its library comes from its maker.
ARG LOCK=requirements.lock
COPY requirements.lock requirements-pkcs11.lock ./
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r "$LOCK"

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/civis --create-home civis
COPY --from=build /venv /venv
COPY app /civis/app
COPY workers /civis/workers
COPY contracts/abi /civis/contracts/abi
COPY contracts/roles.json /civis/contracts/roles.json
COPY docker/entrypoint /usr/local/bin/civis-entrypoint
ENV PATH=/venv/bin:$PATH PYTHONPATH=/civis PYTHONUNBUFFERED=1 ETH_HASH_BACKEND=pysha3 \
    CIVIS_HOME=/var/lib/civis PORT=8000
WORKDIR /civis
USER 10001
VOLUME /var/lib/civis
EXPOSE 8000
# One check can't fit every command: docs/operators/README.md says what to ask web and gateway.
HEALTHCHECK NONE
ENTRYPOINT ["civis-entrypoint"]
CMD ["web"]
