# The gateway's image. guacd and Redis are images of their own: see docker-compose.yml.

FROM node:22-bookworm-slim AS build
WORKDIR /app
# The packages first: they change more rarely than the sources, and their layer is kept.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts ./scripts
COPY server ./server
COPY client ./client
RUN node scripts/build.mjs && mkdir data

FROM node:22-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
# What speaks IPMI with BMCs that have no Redfish, and gives it a terminal for their serial lines.
RUN apt-get update && apt-get install -y --no-install-recommends ipmitool socat \
  && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --cache=/tmp/npm && rm -rf /tmp/npm
COPY --from=build /app/dist ./dist
# Keys that the gateway makes for itself live here: mount a volume.
COPY --from=build --chown=node:node /app/data ./data
ENV RACKSIDE_LISTEN_HOST=0.0.0.0 RACKSIDE_DATA_DIR=/app/data
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/server/cli.js", "serve"]
CMD ["--config", "/etc/rackside/rackside.yaml"]
