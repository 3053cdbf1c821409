const path = require("node:path");
const { bootstrap, LanguageCode } = require("@vendure/core");
const { populate } = require("@vendure/core/cli");
const { config } = require("./config.cjs");

const shop = {
  defaultLanguage: LanguageCode.en,
  defaultZone: "Europe",
  countries: [{ code: "DE", name: "Germany", zone: "Europe" }],
  taxRates: [{ name: "Standard Tax", percentage: 19 }],
  shippingMethods: [{ name: "Standard", price: 500 }],
  paymentMethods: [],
  collections: [],
};

populate(() => bootstrap(config), shop, path.join(__dirname, "products.csv"))
  .then((app) => app.close())
  .then(() => process.exit(0));
