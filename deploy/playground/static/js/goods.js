/** Whether two lines are the same thing with the same choices: a line that waits has no id of its own yet. */
export function sameGoods(one, other) {
  return goodsKey(one) === goodsKey(other);
}

/** Names what is in a line, for what has to find it again. */
export function goodsKey({ sku, options }) {
  return [sku, ...Object.entries(options ?? {}).sort().flat()].join("|");
}

/** What was chosen, in words: "22 litres, moss". */
export function chosen({ options }) {
  return Object.values(options ?? {}).join(", ");
}

/** A line as one says it: "Canvas rucksack, 22 litres, moss". */
export function named(line) {
  return [line.title, chosen(line)].filter(Boolean).join(", ");
}
