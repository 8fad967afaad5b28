/** Written by `npm run docs` from the schemas (`modules/configuration/schema.ts`). Do not edit. */

/** The names of a product's values: a partition with any of them replaces all of them. */
export const productNames =
	"cloud productId productSecret service region auth protocol signMethod productKey authType instanceId via transport templateName claimCert claimKey endpointPrefix parameters controlTopic eventTopic idScope provisionKey host credentials";
