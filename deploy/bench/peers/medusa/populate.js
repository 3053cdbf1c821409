const fs = require("node:fs");
const flows = require("@medusajs/medusa/core-flows");

exports.default = async function populate({ container }) {
  const run = async (flow, input) => (await flow(container).run({ input })).result;
  const [channel] = await run(flows.createSalesChannelsWorkflow, { salesChannelsData: [{ name: "Shop" }] });
  const [key] = await run(flows.createApiKeysWorkflow, { api_keys: [{ title: "Shop", type: "publishable", created_by: "" }] });
  await run(flows.linkSalesChannelsToApiKeyWorkflow, { id: key.id, add: [channel.id] });
  const [region] = await run(flows.createRegionsWorkflow, {
    regions: [{ name: "Europe", currency_code: "eur", countries: ["de"] }],
  });
  await run(flows.createTaxRegionsWorkflow, [
    { country_code: "de", provider_id: "tp_system", default_tax_rate: { rate: 19, code: "VAT", name: "VAT" } },
  ]);
  const numbers = ["0", "1", "2", "3", "4"];
  const variant = (number) => ({
    title: number,
    sku: `sku-${number}`,
    manage_inventory: false,
    options: { number },
    prices: [{ amount: 19.9 + Number(number) / 100, currency_code: "eur" }],
  });
  const product = {
    title: "Thing",
    status: "published",
    options: [{ title: "number", values: numbers }],
    sales_channels: [{ id: channel.id }],
    variants: numbers.map(variant),
  };
  const [made] = await run(flows.createProductsWorkflow, { products: [product] });
  const variants = made.variants.map((one) => one.id);
  fs.writeFileSync("shop.json", JSON.stringify({ key: key.token, region: region.id, variants }));
};
