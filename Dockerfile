# One image for every service; which one a container runs is its command, e.g. services/order/dist/main.js.

# The manifests alone: as long as they stay the same, the installed packages below come from the build cache.
FROM node:24-slim AS manifests
WORKDIR /once
COPY . .
RUN find . -type f -not -name package.json -not -name package-lock.json -delete

FROM node:24-slim AS build
WORKDIR /once
COPY --from=manifests /once ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# What is left of each workspace is what its process reads: the manifest, the compiled code, and its assets.
RUN npm run build \
 && rm -rf libs/testing \
 && find libs services \( -name src -o -name tsconfig.json -o -name '*.tsbuildinfo' -o -name '*.d.ts' \) -prune -exec rm -rf {} +

FROM node:24-slim AS dependencies
WORKDIR /once
COPY --from=manifests /once ./
# The compiler is an optional peer of @nestjs/swagger, and an optional peer stays unless it is named.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@once/testing

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /once
COPY --from=dependencies /once/node_modules ./node_modules
COPY --from=build /once/package.json ./
COPY --from=build /once/libs ./libs
COPY --from=build /once/services ./services
USER node
# Ready means that the service has reached and migrated its database. The image has no curl, but node can ask.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Exec form: node itself receives SIGTERM and ends what it has in hand.
ENTRYPOINT ["node"]
CMD ["services/order/dist/main.js"]
