/** What a new board needs: names, the product's secret, a configuration. */

import { boardEndpoints, productKeys } from "../products/board-configuration.js";
import type { Product } from "../products/product.js";
import { type AdminContext, operation } from "./operation.js";
import { checkRule, findPlatform, findProduct } from "./products.js";
import { anyObject, described, list, object, optional, string, wholeNumber } from "./schema.js";

/** The only operation, with `prepareBoard`, whose response holds a secret. */
export const revealSecret = operation({
	method: "POST",
	path: "/products/:platform/:id/secret",
	summary: "The secret of the product. A web page needs the token of this cloud.",
	changesNothing: true,
	response: object({ secret: string() }),
	run: (context, { platform, id }) => ({ secret: findProduct(context, platform, id).secret }),
});

export const createDevices = operation({
	method: "POST",
	path: "/products/:platform/:id/devices",
	summary: "Creates devices with these names, and keeps those that exist.",
	changesState: true,
	body: object({ names: list(string(), "a list of device names") }),
	response: object({ created: wholeNumber("devices"), existing: wholeNumber("devices") }),
	run(context, { platform, id }, { names }) {
		const { rules } = findPlatform(context, platform);
		const product = findProduct(context, platform, id);
		for (const name of names) checkRule(String(name), rules.deviceName);
		const before = product.devices.size;
		for (const name of names) context.products.create(product, String(name));
		const created = product.devices.size - before;
		return { created, existing: names.length - created };
	},
});

export const prepareBoard = operation({
	method: "POST",
	path: "/products/:platform/:id/board",
	summary:
		"The configuration of a new board, with the secret of the product. A web page needs the token of this cloud.",
	changesNothing: true,
	body: object({
		deviceName: described("Default: the board uses its MAC address.", optional(string())),
	}),
	response: object({
		configuration: described("For `dynreg board --config` and `dynreg flash --config`, on this computer.", anyObject()),
		arguments: described("`key=value`, for `mcconfig`.", list(string())),
	}),
	async run(context, { platform, id }, { deviceName }) {
		if (deviceName !== undefined) checkRule(deviceName, findPlatform(context, platform).rules.deviceName);
		const configuration = await boardConfiguration(context, findProduct(context, platform, id), deviceName);
		return { configuration, arguments: mcconfigArguments(configuration) };
	},
});

async function boardConfiguration(
	context: AdminContext,
	product: Product,
	deviceName: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
	const { urls, ca } = context.cloud;
	const platform = findPlatform(context, product.platform);
	const keys = productKeys(platform, product);
	return {
		...keys,
		...((await platform.claims?.boardKeys(product, context.deviceCertificates)) ?? { productSecret: product.secret }),
		...(deviceName !== undefined && { deviceName }),
		ca,
		startupJitter: 0,
		endpoints: boardEndpoints(keys, urls),
	};
}

/** The image holds the certificate as a resource of this name. */
const resource = "authority.der";

function mcconfigArguments(configuration: Readonly<Record<string, unknown>>): string[] {
	return Object.entries({ ...configuration, ca: resource }).flatMap(([key, value]) =>
		typeof value === "object" && value !== null
			? Object.entries(value).map(([inner, text]) => `${key}.${inner}=${text}`)
			: [`${key}=${value}`],
	);
}
