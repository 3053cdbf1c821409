// The least that a shop needs; as many connections as our API has there. No worker runs: an add waits for none.
const { DefaultLogger, LogLevel } = require("@vendure/core");

const database = new URL(process.env.PEER_DATABASE_URL);

exports.config = {
  apiOptions: { hostname: "127.0.0.1", port: Number(process.env.PEER_PORT), adminApiPath: "admin-api", shopApiPath: "shop-api" },
  authOptions: { tokenMethod: ["bearer"], superadminCredentials: { identifier: "bench", password: "bench" } },
  dbConnectionOptions: {
    type: "postgres",
    host: database.hostname,
    port: Number(database.port),
    username: decodeURIComponent(database.username),
    password: decodeURIComponent(database.password),
    database: database.pathname.slice(1),
    synchronize: true,
    poolSize: 16,
  },
  paymentOptions: { paymentMethodHandlers: [] },
  logger: new DefaultLogger({ level: LogLevel.Error }),
};
