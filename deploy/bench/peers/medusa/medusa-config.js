// The least that a shop needs; events and locks in the process's memory, for there is no Redis here.
const { defineConfig } = require("@medusajs/framework/utils");

const anywhere = "http://127.0.0.1";

module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: `${process.env.PEER_DATABASE_URL}?sslmode=disable`,
    databaseDriverOptions: { pool: { min: 1, max: 16 } },
    http: { storeCors: anywhere, adminCors: anywhere, authCors: anywhere, jwtSecret: "bench", cookieSecret: "bench" },
  },
});
